"""The end of a session: an application asks for it (RP-Initiated Logout), and is told of it (Back-Channel Logout)."""
