//! The declaration file of a game: its tables, input and messages as TypeScript types.
//!
//! It is written from the schema alone, so it is right for any game and any client that has the schema. `client/README.md`
//! specifies the file.

mod messages;
mod state;
mod text;

use drumline_shared::schema::{Audience, FieldKind, Schema, TableSchema};

use self::messages::{Direction, message_type};
use self::state::field_type;
use self::text::{interface_name, property, union};

/// The declaration file of a game.
#[must_use]
pub fn declaration(game: &str, schema: &Schema) -> String {
    let name = interface_name(game);
    let tables = |single| {
        let tables = schema.tables.iter().filter(|table| table.single == single).map(table_member);
        block(&tables.collect::<Vec<_>>(), 1)
    };
    let presses = schema.input.fields.iter().filter(|field| field.kind == FieldKind::Press);
    let presses = presses.map(|field| text::string(&field.name)).collect::<Vec<_>>();
    let fields = schema.input.fields.iter().filter(|field| field.kind != FieldKind::Press);
    let input = fields.map(|field| format!("{}: {};", property(&field.name), field_type(&field.kind)));
    let messages = &schema.messages;
    let message = |root, direction| message_type(&messages.shapes, root, direction);
    let members = [
        format!("tables: {};", tables(false)),
        format!("singles: {};", tables(true)),
        format!("input: {};", block(&input.collect::<Vec<_>>(), 1)),
        format!("presses: {};", if presses.is_empty() { "never".to_owned() } else { union(&presses) }),
        format!("event:{};", message(messages.event, Direction::Event)),
        format!("command:{};", message(messages.command, Direction::Command)),
        format!("reply:{};", message(messages.reply, Direction::Reply)),
        format!("joinOptions:{};", message(messages.join_options, Direction::JoinOptions)),
        format!("metadata:{};", message(messages.metadata, Direction::Json)),
    ];
    let body = block(&members, 0);
    format!(
        "// Written by `drumline types {game}`. Do not edit it.\n\n\
         /** The types of the game `{game}`, for the package `drumline`: `join<{name}>(…)`. */\n\
         export interface {name} {body}\n"
    )
}

/// A table or single: its name, and the fields of its rows.
fn table_member(table: &TableSchema) -> String {
    let mut members = Vec::new();
    for field in table.fields.iter() {
        let (name, kind) = (property(&field.name), field_type(&field.kind));
        let audience = (field.audience > table.audience).then_some(field.audience);
        match audience {
            Some(Audience::Team) => members.push("/** Only for the team of the entity. */".to_owned()),
            Some(Audience::Owner) => members.push("/** Only for the owner of the entity. */".to_owned()),
            _ => {}
        }
        let optional = if audience.is_some() { "?" } else { "" };
        members.push(format!("{name}{optional}: {kind};"));
    }
    format!("{}: {};", property(&table.name), block(&members, 2))
}

/// Lines in braces; the closing one is indented by so many levels.
fn block(lines: &[String], level: usize) -> String {
    if lines.is_empty() {
        return "{}".to_owned();
    }
    let indent = "  ".repeat(level);
    let lines = lines.join(&format!("\n{indent}  "));
    format!("{{\n{indent}  {lines}\n{indent}}}")
}

#[cfg(test)]
mod tests {
    use drumline_arena::Arena;
    use drumline_frontier::Frontier;
    use drumline_hands::Hands;
    use drumline_room::{Game, GameSpec};

    use super::*;

    fn of<G: Game>() -> String {
        declaration(G::NAME, &GameSpec::of::<G>().schema)
    }

    #[test]
    fn the_files_of_the_shipped_games_are_up_to_date() {
        assert_eq!(of::<Arena>(), include_str!("../../../games/arena/arena.d.ts"), "`drumline types arena`");
        assert_eq!(
            of::<Frontier>(),
            include_str!("../../../games/frontier/frontier.d.ts"),
            "`drumline types frontier`"
        );
        assert_eq!(of::<Hands>(), include_str!("../../../games/hands/hands.d.ts"), "`drumline types hands`");
    }
}
