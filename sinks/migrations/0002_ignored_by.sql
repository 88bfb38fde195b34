-- Why lines are no trades: of the `ignored` ones, how many under each reason that the profile gives.
ALTER TABLE tradewind.files ADD COLUMN ignored_by jsonb;
