-- What many letters of a morning carry alike is kept once: the items in order, and the works they bring.

create table item_sets (id {{id}}, payload {{text}} not null, works {{text}} not null) {{strict}};
create unique index item_sets_once on item_sets (payload, works);

create table item_set_works (
  item_set {{int}} not null references item_sets (id), work {{int}} not null, primary key (item_set, work)
) {{clustered}};
create index item_set_works_work on item_set_works (work, item_set);

alter table deliveries add column item_set {{int}};
create index deliveries_had on deliveries (subscriber, item_set) where item_set is not null;
