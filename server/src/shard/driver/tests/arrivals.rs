//! Players are admitted as far as a step has time for them.

use super::*;

#[test]
fn a_step_admits_no_more_than_its_limit_and_those_first_who_have_a_seat() {
    let mut rig = Rig::new();
    let token = rig.token();
    rig.lose();
    let mut others = [(); 3].map(|()| rig.test.join());
    let mut back = rig.test.resume(&token, None).unwrap();
    rig.driver.arrivals_limit = 2;
    assert!(rig.step());
    assert_eq!((rig.driver.arrived, rig.driver.arrivals_waiting()), (2, 2));
    assert_eq!(back.receive(2).welcome().player, 0);
    assert_eq!(others[0].receive(2).welcome().player, 1);
    rig.driver.arrivals_limit = 0;
    assert!(rig.step());
    assert_eq!((rig.driver.arrived, rig.driver.arrivals_waiting()), (0, 2));
    rig.driver.arrivals_limit = usize::MAX;
    assert!(rig.step());
    assert_eq!((rig.driver.arrived, rig.driver.arrivals_waiting()), (2, 0));
    let players = [1, 2].map(|index: usize| others[index].receive(2).welcome().player);
    assert_eq!(players, [2, 3], "in the order of their arrival");
}
