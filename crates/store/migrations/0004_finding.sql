-- Finding: an index that is read newest first, and the words it knows, for those who slip when they type.
-- A document's key is its time of publication times 256 plus a place among those of the same instant.

drop table search;
create table search_documents (key {{id}}, article {{int}} not null) {{strict}};
create unique index search_documents_article on search_documents (article);

-- only sqlite
create virtual table search_index using fts5 (
  words, marks, content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- only postgres
create table search_index (key bigint primary key, tokens tsvector not null);
create index search_index_tokens on search_index using gin (tokens);
-- both

create table search_vocabulary (
  language {{text}} not null, folded {{text}} not null, shown {{text}} not null, primary key (language, folded)
) {{clustered}};
create table search_slips (
  language {{text}} not null, slip {{text}} not null, folded {{text}} not null, primary key (language, slip, folded)
) {{clustered}};

-- What was published before this step is made findable again by a chore, a few hundred articles at a time.
insert into chores (id, kind, subject, due_at, state, attempt)
  select 2, 'index-again', '', 0, 'waiting', 0 from (select id from articles where state = 'live' limit 1) as live;
