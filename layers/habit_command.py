"""The command `lookup habit`: how the registry's city writes its addresses."""

import click

from spatial.program import Program, pass_program


@click.command()
@click.argument("name", required=False)
@pass_program
def habit(program: Program, name: str | None) -> None:
    """Tell how addresses are written here, or set it to NAME, a file of data/habits.

    It says what a unit word may mean: 号 is a house in Shanghai's lanes, often a door elsewhere.
    Every running process follows at once.
    """
    from sqlalchemy.orm import Session

    from layers.across.registered_names import HABIT, habit_of
    from spatial.addressing.habits import FOLDER
    from spatial.addressing.habits import habit as habit_named
    from spatial.state import bump, remember

    with Session(program.engine()) as session:
        if name is not None:
            remember(session, HABIT, habit_named(name).name)
            bump(session)
            session.commit()
        click.echo(habit_of(session))
    known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.json")))
    click.echo(f"There are {known}.", err=True)
