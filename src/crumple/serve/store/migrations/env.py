"""What Alembic runs: the migrations, in the transaction that `Database` opened. They are written by hand.

tests/serve/store/test_database.py tells what is missing from them, as Alembic's autogenerate sees it.
"""

from alembic import context

from crumple.serve.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
