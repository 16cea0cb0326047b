"""Make one model of several trained ones: their cosines, mixed by weight.

    python combine_models.py hparams/combine.yaml

The result is a model folder like theirs, ``<output_folder>/model``, for ``verify.py``
and SpeechBrain's ``EncoderClassifier``. ``--compact true`` makes one that is small
enough to ship.
"""

from local.experiment import load_experiment, run
from local.output.combine import combine_models


def main(arguments):
    """Combine the models the YAML names."""
    hparams, _, _ = load_experiment(arguments, ("folders", "weights", "compact"))
    folder = combine_models(
        hparams["folders"],
        hparams["weights"],
        hparams["output_folder"],
        hparams["compact"],
    )
    print(f"Model: {folder}")


if __name__ == "__main__":
    run(main)
