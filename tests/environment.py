"""The environment of a pretend stage, set before the app is imported."""

ACCOUNT = "123456789012"
REGION = "eu-central-1"

ENVIRONMENT = {
    "STAGE": "test",
    "ACCOUNT_ID": ACCOUNT,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "PUBLIC_URL": "https://rollcall.example",
    "MAIL_FROM": "rollcall@rollcall.example",
    "OPERATORS": "ops@rollcall.example",
    "ALLOWED_ORIGINS": "https://app.example",
    "KINESIS_ITEMS": "on",
}
