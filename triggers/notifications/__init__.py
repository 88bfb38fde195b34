"""What messages say: one pure parser a cloud, bytes in, notifications out."""
