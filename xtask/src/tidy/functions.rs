//! How long a function is.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::Finding;
use super::modules::is_test_code;
use super::sources::Source;

/// Lines of a function from its signature to its closing brace: it fits a screen.
const MAX_LINES: usize = 70;

/// Checks one file, if it is Rust and not test code.
///
/// # Errors
/// If the file cannot be parsed.
pub fn check(source: &Source, findings: &mut Vec<Finding>) -> Result<(), String> {
    if source.extension() != "rs" || source.is_test() {
        return Ok(());
    }
    let file = syn::parse_file(&source.text).map_err(|error| format!("{}: {error}", source.name))?;
    Functions { file: &source.name, findings }.visit_file(&file);
    Ok(())
}

struct Functions<'a> {
    file: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let line = signature.span().start().line;
        let lines = block.brace_token.span.close().end().line + 1 - line;
        if lines > MAX_LINES {
            let message = format!(
                "`{}` has {lines} lines; split it so that each part has at most {MAX_LINES}",
                signature.ident
            );
            self.findings.push(Finding {
                file: self.file.into(),
                line: Some(line),
                rule: "function length",
                message,
            });
        }
    }
}

impl Visit<'_> for Functions<'_> {
    fn visit_item(&mut self, item: &syn::Item) {
        if !is_test_code(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, lines: usize, around: [&str; 2]) -> Vec<Finding> {
        let function = format!("fn f() {{\n{}}}", "    g();\n".repeat(lines - 2));
        let text = format!("//! x\n{}{function}{}\n", around[0], around[1]);
        let mut findings = Vec::new();
        check(&Source { name: name.into(), text }, &mut findings).unwrap();
        findings
    }

    #[test]
    fn a_long_function_is_found() {
        assert_eq!(findings("a.rs", MAX_LINES, ["", ""]), []);
        let found = findings("a.rs", MAX_LINES + 1, ["impl A { ", " }"]);
        assert_eq!((found[0].line, found[0].rule), (Some(2), "function length"));
        assert_eq!(findings("a.rs", MAX_LINES + 1, ["trait A { ", " }"]).len(), 1);
    }

    #[test]
    fn a_long_test_is_fine() {
        assert_eq!(findings("a/tests/b.rs", 2 * MAX_LINES, ["", ""]), []);
        assert_eq!(findings("a.rs", 2 * MAX_LINES, ["#[cfg(test)] mod tests { ", " }"]), []);
    }
}
