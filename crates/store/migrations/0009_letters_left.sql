-- Letters that people wrote to the mailbox of reports: they stay there, and are looked at once.

create table letters_left (name {{text}} primary key, at {{int}} not null) {{clustered}};
create index letters_left_at on letters_left (at);
