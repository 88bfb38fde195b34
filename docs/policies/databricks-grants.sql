-- What the job's service principal may, and who submits. Run it as the owner of the catalog; the names are yours.
GRANT USE CATALOG ON CATALOG main TO `tradewind-job`;
GRANT USE SCHEMA ON SCHEMA main.trades TO `tradewind-job`;
GRANT READ VOLUME ON VOLUME main.trades.in TO `tradewind-job`;
GRANT READ VOLUME ON VOLUME main.trades.packages TO `tradewind-job`;
GRANT USE CATALOG ON CATALOG main TO `you@example.com`;
GRANT USE SCHEMA ON SCHEMA main.trades TO `you@example.com`;
GRANT READ VOLUME ON VOLUME main.trades.packages TO `you@example.com`;
GRANT WRITE VOLUME ON VOLUME main.trades.packages TO `you@example.com`;
