"""What gunicorn serves. The tables are made when it is loaded, by the one worker."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
call_command("migrate", verbosity=0)
