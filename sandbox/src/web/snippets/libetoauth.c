etoauth_client_new(ETOAUTH_ENV_SANDBOX, "{key}", "{secret}", &client);
etoauth_client_set_base_urls(client, "{url}/oauth", "{url}/e/t/etws/authorize", "{url}");
etoauth_client_set_proxy(client, "");
