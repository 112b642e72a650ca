etoauth_client_new(ETOAUTH_ENV_SANDBOX, @KEY@, @SECRET@, &client);
etoauth_client_set_base_urls(client, "@URL@/oauth", "@URL@/e/t/etws/authorize", "@URL@");
etoauth_client_set_proxy(client, "");
