"""The page: which fields there are, and which step each button runs.

Gradio is handed in, for it is imported by those alone who open the page.
"""

CLEAN_EVERY_S = 60
INTRODUCTION = """
# Who is speaking?

Told from one second of speech or more, on this machine: no recording leaves it or is
kept.
"""
CLIP = {"sources": ["upload", "microphone"], "type": "filepath", "buttons": []}
QUIET = {"api_visibility": "private", "show_progress": "minimal"}


def build_page(gradio, studio, kept_s):
    """Lay out the page.

    Parameters
    ----------
    gradio : module
        As from `local.output.app.server.private_gradio`.
    studio : local.output.app.studio.Studio
        What the page can do.
    kept_s : float
        Seconds a recording stays on disk, to be played and judged again.

    Returns
    -------
    page : gradio.Blocks
        To be launched.
    """
    with gradio.Blocks(
        title="voice-reid",
        analytics_enabled=False,
        delete_cache=(min(CLEAN_EVERY_S, kept_s), kept_s),
    ) as page:
        gradio.Markdown(INTRODUCTION)
        with gradio.Tab("Two clips"):
            _lay_out_pair(gradio, studio)
        with gradio.Tab("Whose voice"):
            _lay_out_voices(gradio, studio, page)
    return page


def add_clip(gradio, studio, label, what, stale):
    """Add a field for a clip, and its picture below.

    Parameters
    ----------
    gradio, studio
        As of `build_page`.
    label, what : str
        Over the field, and in messages.
    stale : list of gradio.HTML
        What no longer holds when the clip changes.

    Returns
    -------
    clip : gradio.Audio
        The field.
    """
    field = label.lower().replace(" ", "-")
    clip = gradio.Audio(label=label, elem_id=field, **CLIP)
    picture = gradio.HTML(elem_id=f"{field}-picture")

    def show(path):
        return [studio.show_clip(path, what), *("" for _ in stale)]

    clip.change(show, clip, [picture, *stale], **QUIET)
    return clip


def add_points(gradio, studio):
    """Add the choice of an operating point, the first one chosen."""
    names = list(studio.operating_points)
    return gradio.Dropdown(names, value=names[0], label="Operating point")


def _lay_out_pair(gradio, studio):
    """Lay out the comparison of two clips."""
    answer = gradio.HTML(render=False)
    with gradio.Row():
        with gradio.Column():
            first = add_clip(gradio, studio, "First clip", "First clip", [answer])
        with gradio.Column():
            second = add_clip(gradio, studio, "Second clip", "Second clip", [answer])
    point = add_points(gradio, studio)
    button = gradio.Button("Compare", variant="primary")
    answer.render()
    given = [first, second, point]
    gradio.on([button.click, point.input], studio.compare, given, answer, **QUIET)


def _lay_out_voices(gradio, studio, page):
    """Lay out enrolment and recognition."""
    with gradio.Row():
        with gradio.Column():
            _lay_out_enrolment(gradio, studio, page)
        with gradio.Column():
            _lay_out_recognition(gradio, studio)


def _lay_out_enrolment(gradio, studio, page):
    """Lay out the list of the enrolled voices, and what changes it."""
    gradio.Markdown("### Enrol")
    said = gradio.HTML(render=False)
    name = gradio.Textbox(label="Name", max_length=studio.enrolment.longest_name)
    clip = add_clip(gradio, studio, "Clip of this voice", "Clip", [said])
    enrol = gradio.Button("Enrol", variant="primary")
    said.render()
    voices = gradio.HTML()
    chosen = gradio.Dropdown([], label="Enrolled voice")
    remove = gradio.Button("Remove")

    def update():
        choice = gradio.Dropdown(choices=studio.names(), value=None)
        return studio.list_voices(), choice

    page.load(update, None, [voices, chosen], **QUIET)
    for button, step, given in (
        (enrol, studio.enrol, [name, clip]),
        (remove, studio.remove, [chosen]),
    ):
        done = button.click(step, given, said, **QUIET)
        done.then(update, None, [voices, chosen], **QUIET)


def _lay_out_recognition(gradio, studio):
    """Lay out the question which of the enrolled voices a clip is of."""
    gradio.Markdown("### Recognise")
    answer = gradio.HTML(render=False)
    clip = add_clip(gradio, studio, "Clip of somebody", "Clip", [answer])
    point = add_points(gradio, studio)
    button = gradio.Button("Who is it?", variant="primary")
    answer.render()
    events = [button.click, point.input]
    gradio.on(events, studio.recognise, [clip, point], answer, **QUIET)
