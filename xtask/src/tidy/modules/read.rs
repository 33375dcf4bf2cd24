//! Reads a crate's modules from its files, following its `mod` declarations.

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};

use super::paths;
use super::{Binding, Mention, Module};

/// Reads the modules below a crate's root file, the root first.
pub fn modules(root: &Path, file: &str) -> Result<Vec<Module>, String> {
    let folder = Path::new(file).parent().expect("a file lies in a folder").to_owned();
    let mut modules = Vec::new();
    let mut waiting = vec![Outline { path: Vec::new(), file: file.into(), folder }];
    while let Some(outline) = waiting.pop() {
        let text = std::fs::read_to_string(root.join(&outline.file))
            .map_err(|error| format!("{}: {error}", outline.file))?;
        let syntax = syn::parse_file(&text).map_err(|error| format!("{}: {error}", outline.file))?;
        for declared in declared(&syntax.items) {
            let name = declared.ident.to_string();
            let folder = outline.folder.join(&name);
            let candidates = match path_attribute(declared) {
                Some(path) => vec![Path::new(&outline.file).with_file_name(path)],
                None => vec![outline.folder.join(format!("{name}.rs")), folder.join("mod.rs")],
            };
            let found = candidates.iter().find(|file| root.join(file).is_file());
            let found = found.ok_or_else(|| format!("{}: module `{name}` has no file", outline.file))?;
            let path = outline.path.iter().cloned().chain([name]).collect();
            waiting.push(Outline { path, file: found.to_string_lossy().into_owned(), folder });
        }
        modules.extend(collect(outline.path, &outline.file, &syntax.items));
    }
    modules.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(modules)
}

/// A module that has a file.
struct Outline {
    path: Vec<String>,
    file: String,
    /// The folder of its children.
    folder: PathBuf,
}

/// Parses a file into its module and the inline ones in it.
#[cfg(test)]
pub fn parse(path: Vec<String>, file: &str, text: &str) -> syn::Result<Vec<Module>> {
    Ok(collect(path, file, &syn::parse_file(text)?.items))
}

/// Returns true if an item is compiled only for tests.
pub fn is_test_code(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        _ => return false,
    };
    has_test_attribute(attributes)
}

fn has_test_attribute(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        // `all(test, …)` is test code as well; `any` and `not` are not.
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all (test"))
    })
}

/// The modules that are declared here and have files of their own, inline ones not looked into: they have none in this project.
fn declared(items: &[syn::Item]) -> impl Iterator<Item = &syn::ItemMod> {
    items.iter().filter(|item| !is_test_code(item)).filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() => Some(module),
        _ => None,
    })
}

fn path_attribute(module: &syn::ItemMod) -> Option<String> {
    let attribute = module.attrs.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Meta::NameValue(syn::MetaNameValue {
        value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }),
        ..
    }) = &attribute.meta
    else {
        return None;
    };
    Some(path.value())
}

/// The module of these items, and its inline ones.
fn collect(path: Vec<String>, file: &str, items: &[syn::Item]) -> Vec<Module> {
    let mut collector =
        Collector { module: Module { path, file: file.into(), ..Module::default() }, inline: Vec::new() };
    for item in items.iter().filter(|item| !is_test_code(item)) {
        collector.top_level(item);
        collector.visit_item(item);
    }
    let mut modules = vec![collector.module];
    modules.append(&mut collector.inline);
    modules
}

struct Collector {
    module: Module,
    inline: Vec<Module>,
}

impl Collector {
    /// Notes the names that an item of the module itself brings.
    fn top_level(&mut self, item: &syn::Item) {
        let name = match item {
            syn::Item::Use(item) => {
                for leaf in paths::leaves(&item.tree) {
                    if leaf.name == "*" {
                        self.module.globs.push(leaf.target);
                    } else {
                        self.module.bindings.push(Binding { name: leaf.name, target: leaf.target });
                    }
                }
                return;
            }
            syn::Item::Struct(item) => &item.ident,
            syn::Item::Enum(item) => &item.ident,
            syn::Item::Union(item) => &item.ident,
            syn::Item::Trait(item) => &item.ident,
            syn::Item::Type(item) => &item.ident,
            syn::Item::Const(item) => &item.ident,
            syn::Item::Static(item) => &item.ident,
            syn::Item::Fn(item) => &item.sig.ident,
            syn::Item::Macro(syn::ItemMacro { ident: Some(ident), .. }) => ident,
            _ => return,
        };
        self.module.items.insert(name.to_string());
    }

    fn mention(&mut self, segments: Vec<String>, line: usize) {
        self.module.mentions.push(Mention { segments, line });
    }

    fn scan(&mut self, tokens: TokenStream) {
        for (segments, line) in paths::in_tokens(tokens) {
            self.mention(segments, line);
        }
    }
}

impl Visit<'_> for Collector {
    fn visit_item(&mut self, item: &syn::Item) {
        if !is_test_code(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        if !has_test_attribute(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if let Some((_, items)) = &module.content {
            let path = self.module.path.iter().cloned().chain([module.ident.to_string()]).collect();
            self.inline.append(&mut collect(path, &self.module.file, items));
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        for leaf in paths::leaves(&item.tree) {
            self.mention(leaf.target, leaf.line);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() && segments.len() > 1 && paths::is_relative(&segments[0]) {
            self.mention(segments, path.segments[0].ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.visit_path(&call.path);
        self.scan(call.tokens.clone());
    }

    fn visit_vis_restricted(&mut self, _: &syn::VisRestricted) {
        // `pub(in crate::…)` names a module without using it.
    }
}
