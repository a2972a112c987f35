"""What clients call themselves: what each grant type gives, and introspection, revocation and userinfo."""
