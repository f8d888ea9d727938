-- What a newsletter does in doubt, occasions that a refusal of ourselves has stopped, and how each node's mail fares.

alter table newsletters add column promise {{text}} not null default 'never-twice';

create table pauses (occasion {{text}} primary key, at {{int}} not null, relay {{text}} not null, reason {{text}} not null) {{clustered}};

create table mailrooms (node {{text}} primary key, at {{int}} not null, report {{text}} not null) {{clustered}};
