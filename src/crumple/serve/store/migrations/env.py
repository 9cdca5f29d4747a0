"""What Alembic runs: the migrations, in the transaction that `Database` opened."""

from alembic import context

from crumple.serve.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
