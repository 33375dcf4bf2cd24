//! Identity, by tokens and by an author.
