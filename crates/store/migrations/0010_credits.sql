-- Names and topics of an article that is live wait for its next publication, as its words do.

alter table articles add column waiting {{text}};
