SELECT count(*) FROM documents WHERE author_id IS NULL
