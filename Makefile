# make demo, recording, test, lint, bench, notebooks: each sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
DEMO := data/demo
MODEL := results/demo/1986
LIBRISPEECH ?= data/LibriSpeech

.PHONY: demo recording test browser lint bench notebooks clean
.DELETE_ON_ERROR:

# A stamp a requirements file: installed again when the file changes.
.venv/main.installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.venv/%.installed: requirements-%.txt .venv/main.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.venv/tests.installed: tests/requirements.txt .venv/demo.installed .venv/onnx.installed \
		.venv/siamese.installed .venv/wav2vec2.installed .venv/notebooks.installed \
		.venv/listen.installed .venv/report.installed .venv/pictures.installed \
		.venv/app.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Both ways on synthetic readers made here: a model trained on them, and the one that
# ships, which never heard a synthetic voice.
demo: .venv/demo.installed
	$(BIN)/python -m data_prep.synthetic_readers --output_folder $(DEMO)
	$(BIN)/python train_speaker_embeddings.py hparams/demo.yaml
	$(BIN)/python verify.py hparams/verify.yaml --model $(MODEL)/model \
		--test_data $(DEMO)/test_data.pkl --test_labels $(DEMO)/test_labels.npy \
		--output_folder $(MODEL)/test
	$(BIN)/python verify.py hparams/verify.yaml \
		--test_data $(DEMO)/test_data.pkl --test_labels $(DEMO)/test_labels.npy \
		--output_folder $(MODEL)/test_pretrained
	@echo
	@echo "Figures:    $(MODEL)/test/metrics.json, roc.png, det.png, scores.png;"
	@echo "            $(MODEL)/test_pretrained: by the model that ships, untrained here"
	@echo "Submission: $(MODEL)/test/submission.zip"
	@echo "Next: the same two commands on your own pickles (README.md, Own pickles),"
	@echo "      or another experiment: edit hparams/demo.yaml, its output_folder too."

# The picture of it in README.md: it runs from the beginning.
recording: .venv/demo.installed .venv/pictures.installed
	rm -rf $(DEMO) results/demo
	$(BIN)/python -m local.output.terminal_picture results/demo.svg -- make demo

test: .venv/tests.installed
	$(BIN)/python -m pytest

# What the tests of both pages click with; without it they are skipped.
browser:
	command -v chromium || { apt-get update && \
		apt-get install --yes --no-install-recommends chromium; }

lint: .venv/tests.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

bench: .venv/onnx.installed
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.estimate

# Each runs from top to bottom, and becomes a page beside it.
notebooks: .venv/notebooks.installed
	$(BIN)/python -m local.output.notebook_page recipes/*/*.ipynb \
		--librispeech_folder $(LIBRISPEECH)

clean:
	rm -rf .venv $(DEMO) results/demo .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
