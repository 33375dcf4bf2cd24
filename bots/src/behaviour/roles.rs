//! Role assignment: each bot's behaviour, connection habit and network, by weight.

use std::sync::Arc;

use drumline_room::GameSpec;

use crate::behaviour::connection_habit::ConnectionHabit;
use crate::behaviour::registry::{KnownGame, MakeBehaviour, Swarm};
use crate::net::profile::NetProfile;
use crate::scenario::Scenario;
use crate::scenario::invalid_value::InvalidValue;

/// The steps between bots in the square of behaviours and networks: those of the R2 sequence (Roberts 2018), which
/// covers the square evenly. So the shares are right however few the bots are, and each behaviour occurs on each
/// network.
const STEPS: [f64; 2] = [0.754_877_666_246_692_8, 0.569_840_290_998_053_3];

/// The roles that a scenario's bots can have.
pub struct RoleAssignment {
    /// The game.
    pub spec: Arc<GameSpec>,
    roles: Weighted<Role>,
    networks: Weighted<Option<NetProfile>>,
    /// The seed's offset in the sequence of steps.
    offset: f64,
}

/// A bot's behaviour and connection habit.
#[derive(Clone)]
pub struct Role {
    /// Makes its behaviour.
    pub make: MakeBehaviour,
    /// How it treats its connection.
    pub habit: ConnectionHabit,
}

/// Items with the upper ends of their shares of the range 0 to 1.
struct Weighted<T>(Vec<(f64, T)>);

impl<T> Weighted<T> {
    fn new(weights: impl IntoIterator<Item = (f64, T)>) -> Self {
        let mut sum = 0.0;
        let ends = weights.into_iter().filter(|(weight, _)| *weight > 0.0).map(|(weight, item)| {
            sum += weight;
            (sum, item)
        });
        let mut ends: Vec<(f64, T)> = ends.collect();
        for (end, _) in &mut ends {
            *end /= sum;
        }
        Self(ends)
    }

    /// The item at a place from 0 to 1.
    fn at(&self, place: f64) -> &T {
        let index = self.0.iter().position(|(end, _)| place < *end).unwrap_or(self.0.len() - 1);
        &self.0[index].1
    }
}

impl Swarm {
    /// Prepares the roles of a scenario's bots.
    ///
    /// # Errors
    /// [`InvalidValue`] names an unknown game or behaviour, and lists the known ones.
    pub fn assign_roles(&self, scenario: &Scenario) -> Result<RoleAssignment, InvalidValue> {
        scenario.check()?;
        RoleAssignment::new(self.find(&scenario.game)?, scenario)
    }
}

impl RoleAssignment {
    /// The roles of a scenario whose values have been checked.
    ///
    /// # Errors
    /// [`InvalidValue`] names an unknown behaviour, and lists the game's own.
    pub fn new(game: &KnownGame, scenario: &Scenario) -> Result<Self, InvalidValue> {
        let default = &game.behaviours[0].1;
        let role = |name: &String| {
            let habit = ConnectionHabit::named(name, scenario);
            let behaviour = game.behaviours.iter().find(|(known, _)| known == name).map(|(_, make)| make);
            let make = behaviour.or(habit.is_some().then_some(default)).ok_or_else(|| {
                let known: Vec<&str> = game.behaviour_names().collect();
                let (game, known) = (game.spec.name, known.join(", "));
                InvalidValue::new(
                    &["behaviours", name],
                    format_args!("is not a behaviour of {game}; its bots know: {known}"),
                )
            })?;
            Ok(Role { make: Arc::clone(make), habit: habit.unwrap_or_default() })
        };
        let mut roles = Vec::new();
        for (name, &weight) in &scenario.behaviours {
            roles.push((weight, role(name)?));
        }
        if roles.is_empty() {
            roles.push((1.0, Role { make: Arc::clone(default), habit: ConnectionHabit::Normal }));
        }
        let mut networks = Vec::new();
        for (name, &weight) in &scenario.networks {
            let profile =
                NetProfile::find(name).map_err(|error| InvalidValue::new(&["networks", name], error))?;
            networks.push((weight, Some(profile)));
        }
        if networks.is_empty() {
            networks.push((1.0, None));
        }
        // The low bits of any seed shift the sequence a little.
        let offset = (scenario.seed % 1009) as f64 / 1009.0;
        let (roles, networks) = (Weighted::new(roles), Weighted::new(networks));
        Ok(Self { spec: Arc::clone(&game.spec), roles, networks, offset })
    }

    /// A bot's role. Bots are numbered from 0.
    #[must_use]
    pub fn role(&self, bot: u64) -> &Role {
        self.roles.at(self.place(bot, STEPS[0]))
    }

    /// The simulated network between a bot and the server; `None` if there is none.
    #[must_use]
    pub fn network(&self, bot: u64) -> Option<NetProfile> {
        *self.networks.at(self.place(bot, STEPS[1]))
    }

    /// A bot's place from 0 to 1 along one axis of the sequence.
    fn place(&self, bot: u64, step: f64) -> f64 {
        (self.offset + bot as f64 * step).fract()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn roles(behaviours: &[(&str, f64)], networks: &[(&str, f64)]) -> Result<RoleAssignment, InvalidValue> {
        let weights =
            |pairs: &[(&str, f64)]| pairs.iter().map(|&(name, weight)| (name.to_owned(), weight)).collect();
        let scenario =
            Scenario { behaviours: weights(behaviours), networks: weights(networks), ..Scenario::default() };
        Swarm::shipped().assign_roles(&scenario)
    }

    #[test]
    fn shares_are_right_however_few_the_bots_are_and_mixed_with_the_networks() {
        let roles =
            roles(&[("chase", 2.0), ("slow", 1.0), ("idle", 0.0)], &[("lan", 1.0), ("4g", 1.0)]).unwrap();
        for bots in [24_u64, 64, 1000] {
            let mut counts = BTreeMap::<(bool, bool), u64>::new();
            for bot in 0..bots {
                let lan = roles.network(bot) == NetProfile::find("lan").ok();
                *counts.entry((roles.role(bot).habit.is_slow(), lan)).or_default() += 1;
            }
            for ((slow, _), count) in counts {
                let expected = bots as f64 * if slow { 1.0 / 6.0 } else { 1.0 / 3.0 };
                assert!((count as f64 - expected).abs() <= 4.0, "{count} for {expected} of {bots}");
            }
        }
    }

    #[test]
    fn the_built_in_scenarios_can_be_played() {
        for scenario in Scenario::named() {
            Swarm::shipped().assign_roles(&scenario).unwrap();
        }
    }

    #[test]
    fn an_empty_scenario_has_the_games_first_behaviour_and_no_simulated_network() {
        let roles = roles(&[], &[]).unwrap();
        assert_eq!((roles.role(7).habit, roles.network(7)), (ConnectionHabit::Normal, None));
    }

    #[test]
    fn an_unknown_behaviour_is_named_with_the_known_ones() {
        let fault = roles(&[("hunt", 1.0)], &[]).err().unwrap().to_string();
        assert_eq!(
            fault,
            "`behaviours.hunt` is not a behaviour of arena; its bots know: chase, wander, idle, spam, flapper, slow"
        );
    }
}
