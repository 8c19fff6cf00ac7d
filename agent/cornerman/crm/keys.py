"""The environment variables that hold the keys of account sources; nothing else of the environment is read."""

from __future__ import annotations

HUBSPOT_TOKEN = "HUBSPOT_ACCESS_TOKEN"
SALESFORCE_TOKEN = "SF_ACCESS_TOKEN"
SALESFORCE_ADDRESS = "SF_ORG_INSTANCE_URL"
SALESFORCE_CLIENT = "SF_CLIENT_ID"
SALESFORCE_SECRET = "SF_CLIENT_SECRET"
SERVICE_TOKEN = "CORNERMAN_ACCOUNTS_TOKEN"
