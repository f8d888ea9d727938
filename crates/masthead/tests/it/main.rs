//! The whole paper, asked at the doors people use: pages, mail, the desk's verbs, files. On both databases.

mod morning;
mod paper;
mod publishing;
mod subscribing;
mod tidy;
mod travelling;
