"""From the rules of completion to a « continue » button: where it leads, and its words."""

from lti_app.completion import rules
from lti_app.completion.services import facts
from lti_app.content.rules.catalog import Module
from lti_app.practice.queries import Standing
from lti_app.practice.rules import Goal, NextStep


def next_in_module(module: Module, standing: Standing) -> NextStep:
    """Exactly where the person left the module."""
    step = rules.next_step(facts(module), standing.progress(module))
    lessons = {lesson.id: lesson for lesson in module.lessons}
    if step.kind is rules.StepKind.DONE or step.lesson_id is None:
        return NextStep(Goal.MODULE, "Voir le bilan du module", module_id=module.id)
    lesson = lessons[step.lesson_id]
    if step.kind is rules.StepKind.READ_LESSON:
        read = standing.parts_read(lesson.id)
        part = read + 1 if read < len(lesson.parts) else 1
        where = f", partie {part} sur {len(lesson.parts)}" if part > 1 else ""
        return NextStep(
            Goal.READ,
            f"Étape {lesson.position}{where}\N{NO-BREAK SPACE}: {lesson.title}",
            module_id=module.id,
            lesson_id=lesson.id,
            part=part,
        )
    is_retry = step.kind is rules.StepKind.RETRY_QUESTION
    position = lesson.question_ids.index(step.question_id or "") + 1
    label = f"question {position} de l’étape {lesson.position}, «\N{NO-BREAK SPACE}{lesson.title}"
    verb = "À refaire" if is_retry else "À répondre"
    return NextStep(
        Goal.RETRY if is_retry else Goal.ANSWER,
        f"{verb}\N{NO-BREAK SPACE}: {label}\N{NO-BREAK SPACE}»",
        module_id=module.id,
        lesson_id=lesson.id,
        question_id=step.question_id,
    )
