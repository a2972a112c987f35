"""An application asks for the end of a session (RP-Initiated Logout). Who is told of one: `oauth.back_channel`."""
