//! Paths in `use` declarations and in macros.

use proc_macro2::{TokenStream, TokenTree};

/// A path at the end of a `use` tree's branch.
pub struct Leaf {
    /// The name that it binds; `*` for all names of the target.
    pub name: String,
    /// The whole path; that of the module if the name is `*`.
    pub target: Vec<String>,
    /// The line of its last segment.
    pub line: usize,
}

/// Returns true if a path that begins with this word is looked for in the same crate.
pub fn is_relative(first: &str) -> bool {
    matches!(first, "crate" | "self" | "super")
}

/// Returns the paths of a `use` declaration, its braces expanded.
pub fn leaves(tree: &syn::UseTree) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    expand(tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn expand(tree: &syn::UseTree, before: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    let mut leaf = |name: String, last: Option<&syn::Ident>, line: usize| {
        let last = last.filter(|last| *last != "self" || before.is_empty());
        let target: Vec<String> = before.iter().cloned().chain(last.map(ToString::to_string)).collect();
        // `use a::b::{self}` binds `b`.
        let name = if name == "self" { target.last().cloned().unwrap_or(name) } else { name };
        leaves.push(Leaf { name, target, line });
    };
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            expand(&path.tree, before, leaves);
            before.pop();
        }
        syn::UseTree::Name(name) => {
            leaf(name.ident.to_string(), Some(&name.ident), name.ident.span().start().line);
        }
        syn::UseTree::Rename(name) => {
            leaf(name.rename.to_string(), Some(&name.ident), name.ident.span().start().line);
        }
        syn::UseTree::Glob(glob) => leaf("*".into(), None, glob.star_token.spans[0].start().line),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| expand(tree, before, leaves)),
    }
}

/// Returns the paths that begin with `crate`, `self` or `super` among a macro's tokens, each with its line.
pub fn in_tokens(tokens: TokenStream) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    // `a::self::b` does not occur; `a::crate` cannot.
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => found.append(&mut in_tokens(group.stream())),
            TokenTree::Ident(first) if is_relative(&first.to_string()) => {
                let mut segments = vec![first.to_string()];
                while matches!(tokens.peek(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':') {
                    tokens.next();
                    match tokens.peek() {
                        Some(TokenTree::Punct(colon)) if colon.as_char() == ':' => continue,
                        Some(TokenTree::Ident(next)) => segments.push(next.to_string()),
                        _ => break,
                    }
                    tokens.next();
                }
                if segments.len() > 1 {
                    found.push((segments, first.span().start().line));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_tree_is_expanded() {
        let item: syn::ItemUse = syn::parse_str("use crate::{a::{self, B as C}, d::*};").unwrap();
        let leaves =
            leaves(&item.tree).into_iter().map(|leaf| format!("{} = {}", leaf.name, leaf.target.join("::")));
        assert_eq!(leaves.collect::<Vec<_>>(), ["a = crate::a", "C = crate::a::B", "* = crate::d"]);
    }

    #[test]
    fn paths_in_macros_are_found() {
        let tokens =
            "\"crate::no\", crate::a::B { x: self.y }, [super::c::D::<u8>::new(), self]".parse().unwrap();
        let paths = in_tokens(tokens).into_iter().map(|(segments, _)| segments.join("::"));
        assert_eq!(paths.collect::<Vec<_>>(), ["crate::a::B", "super::c::D"]);
    }
}
