//! Mistakes in derives, and what the compiler says of them.
//!
//! After an intended change, write the texts anew with `TRYBUILD=overwrite`, and read them.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
