from threading import Thread
from time import sleep

from layers.across.kept import Kept


def test_what_two_ask_at_once_is_made_once():
    kept, made = Kept(), []

    def make():
        sleep(0.05)
        made.append(1)
        return len(made)
    asking = [Thread(target=lambda: kept.get("key", make)) for _ in range(5)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert made == [1] and kept.get("key", make) == 1


def test_what_could_not_be_made_is_made_again_and_the_oldest_is_forgotten():
    kept = Kept(most=1)

    def fail():
        raise ValueError
    for _ in range(2):
        try:
            kept.get("key", fail)
        except ValueError:
            continue
    assert kept.get("key", lambda: 2) == 2
    kept.get("other", lambda: 3)
    assert kept.get("key", lambda: 4) == 4
    kept.clear()
    assert kept.get("key", lambda: 5) == 5
