-- Whether a picture is somebody's portrait is asked for each picture that is served.

create index authors_picture on authors (picture);
