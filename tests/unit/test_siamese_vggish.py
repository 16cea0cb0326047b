"""Tests of recipes.siamese.vggish."""

import numpy as np
import pytest
import torch

from recipes.siamese.vggish import (
    LogMelPatches,
    PrincipalBytes,
    Vggish,
    VggishNetwork,
    read_weights,
)

WIDTH = 1
TORCHAUDIO = {"features.": "features_network.", "embeddings.": "embedding_network."}


def noise(batch, n_samples=48000):
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn((batch, n_samples), generator=generator)


@pytest.fixture
def network():
    torch.manual_seed(1)
    return VggishNetwork(final_relu=False, width=WIDTH)


@pytest.fixture
def weights(network, tmp_path):
    path = tmp_path / "vggish.pth"
    torch.save(network.state_dict(), path)
    return path


# The front-end


def test_a_tone_gives_the_log_mels_of_the_original_code():
    """Row 0 of the patches of a sine, by the original's steps in numpy and float64."""
    time = torch.arange(48000, dtype=torch.float64) / 16000
    sine = torch.sin(2 * torch.pi * 1000 * time).unsqueeze(0)
    first = LogMelPatches(0.96)(sine.float())[0, 0, 0]
    expected = [-4.483133, -4.270834, -4.170643, -4.600694, -4.600989, -4.601163]
    np.testing.assert_allclose(first[[0, 1, 2, -3, -2, -1]], expected, atol=1e-3)
    exact = LogMelPatches(0.96)
    exact.window = torch.hann_window(400, dtype=torch.float64)
    exact.triangles = exact.triangles.double()
    first = exact(sine)[0, 0, 0]
    np.testing.assert_allclose(first[[0, 1, 2, -3, -2, -1]], expected, atol=1e-5)


@pytest.mark.parametrize(("hop_s", "n_patches"), [(0.96, 3), (0.1, 21), (0.01, 203)])
def test_three_seconds_have_so_many_patches(hop_s, n_patches):
    assert LogMelPatches(hop_s)(noise(2)).shape == (2, n_patches, 96, 64)


def test_patches_begin_a_hop_apart():
    wavs = noise(1)
    later = LogMelPatches(0.1)(wavs[:, 1600:])
    assert torch.allclose(LogMelPatches(0.1)(wavs)[:, 1:], later, atol=1e-6)


@pytest.mark.parametrize("hop_s", [0, 0.004, 0.015, -0.1])
def test_a_hop_of_no_whole_frames_is_refused(hop_s):
    with pytest.raises(ValueError, match=f"{hop_s}, expected a multiple of 0.01 s"):
        LogMelPatches(hop_s)


def test_a_fragment_shorter_than_a_patch_is_refused():
    with pytest.raises(ValueError, match=r"0\.96 s, VGGish hears 0\.975 s or more"):
        LogMelPatches(0.1)(noise(1, 15360))


# The network


def test_the_network_has_the_size_of_the_original():
    with torch.device("meta"):
        network = VggishNetwork(final_relu=True)
        shape = network(torch.empty(2, 96, 64)).shape
    assert sum(weights.numel() for weights in network.parameters()) == 72_141_184
    assert shape == (2, 128)
    names = {name.rpartition(".")[0] for name in network.state_dict()}
    convolutions = {f"features.{n}" for n in (0, 3, 6, 8, 11, 13)}
    assert names == convolutions | {f"embeddings.{n}" for n in (0, 2, 4)}


def test_maps_are_flattened_with_the_channels_last(network):
    """Time, mel, channel: channel 1 of the first place is number 1 of the vector."""
    network.embeddings = torch.nn.Identity()
    patches = torch.randn(1, 96, 64, generator=torch.Generator().manual_seed(2))
    maps = network.features(patches.unsqueeze(1))
    flat = network(patches)
    assert flat.shape == (1, 6 * 4 * 8)
    assert torch.equal(flat[0, :8], maps[0, :, 0, 0])
    assert torch.equal(flat[0, 8:16], maps[0, :, 0, 1])
    assert torch.equal(flat[0, 32:40], maps[0, :, 1, 0])


def test_the_final_relu_cuts_off_at_zero(weights):
    open_end = Vggish(0.96, weights, final_relu=False, width=WIDTH)(noise(1))
    closed = Vggish(0.96, weights, width=WIDTH)(noise(1))
    assert (open_end < 0).any()
    assert torch.equal(closed, open_end.clamp(min=0))


def test_embeddings_do_not_depend_on_what_goes_together(weights):
    at_once, one_by_one = (
        Vggish(0.1, weights, final_relu=False, width=WIDTH, n_at_once=n)(noise(2))
        for n in (64, 1)
    )
    assert at_once.shape == (2, 21, 128)
    assert torch.allclose(at_once, one_by_one, atol=1e-6)


# Weights


def test_both_forms_of_weights_give_the_same_to_the_bit(network, weights, tmp_path):
    renamed = {
        name.replace(ours, other): tensor
        for name, tensor in network.state_dict().items()
        for ours, other in TORCHAUDIO.items()
        if name.startswith(ours)
    }
    torch.save(renamed, tmp_path / "torchaudio.pth")
    vggish = Vggish(0.96, weights, final_relu=False, width=WIDTH)
    expected = vggish(noise(2))
    other = Vggish(0.96, tmp_path / "torchaudio.pth", final_relu=False, width=WIDTH)
    assert torch.equal(other(noise(2)), expected)
    patches = LogMelPatches(0.96)(noise(2)).flatten(0, 1)
    assert torch.equal(network(patches).view(2, 3, 128), expected)
    assert not any(weights.requires_grad for weights in vggish.parameters())


def test_missing_weights_tell_where_to_get_them(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        Vggish(0.1, tmp_path / "none.pth")
    message = str(caught.value)
    assert "none.pth: no weights of VGGish; download https://github.com/" in message
    assert "vggish-10086976.pth (276 MB)" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pproc.mean": torch.zeros(2)}, r"pproc\.mean is \(2,\), expected none"),
        ({"features.0.bias": torch.zeros(7)}, r"0\.bias is \(7,\), expected \(1,\)"),
        ({"embeddings.4.bias": None}, r"4\.bias is absent, expected \(128,\)"),
        ({"features.3.bias": "x"}, r"3\.bias is absent, expected \(2,\)"),
    ],
)
def test_other_weights_are_refused(network, weights, change, message):
    changed = network.state_dict() | change
    torch.save({k: v for k, v in changed.items() if v is not None}, weights)
    with pytest.raises(ValueError, match=message):
        read_weights(weights, network)


@pytest.mark.parametrize("content", [[1, 2], torch.zeros(3), {"state_dict": {}}])
def test_what_is_no_state_dict_is_refused(network, weights, content):
    torch.save(content, weights)
    with pytest.raises(ValueError, match=r"vggish\.pth: ") as caught:
        read_weights(weights, network)
    assert "\n" not in str(caught.value)


BROKEN = [b"", b"not a file of torch", b"PK\x03\x04 cut", b"\x80\x02."]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_refused(network, weights, content):
    weights.write_bytes(content)
    with pytest.raises(ValueError, match=r"vggish\.pth: not weights") as caught:
        read_weights(weights, network)
    assert "\n" not in str(caught.value)


# Principal components


def test_components_are_rounded_to_bytes(tmp_path, weights):
    """Of E = 2 * identity and mean 0.5: 2 * (x - 0.5), in -2..2, then to 0..255."""
    path = tmp_path / "vggish_pca_params.npz"
    vectors, means = 2 * np.eye(128), np.full((128, 1), 0.5)
    np.savez(path, pca_eigen_vectors=vectors, pca_means=means)
    embeddings = torch.tensor([-9.0, 0.5, 1.0, 9.0]).repeat(32).unsqueeze(0)
    found = PrincipalBytes(path)(embeddings)[0, :4]
    assert found.dtype == torch.uint8
    assert found.tolist() == [0, 128, 191, 255]  # 127.5 and 191.25
    vggish = Vggish(0.96, weights, width=WIDTH, principal_components=path)
    assert str(vggish(noise(1)).dtype) == f"torch.{vggish.dtype}" == "torch.uint8"


def test_components_are_projected_by_rows(tmp_path):
    vectors = np.zeros((128, 128))
    vectors[0, 3] = 1  # the first component is the fourth number
    np.savez(tmp_path / "p.npz", pca_eigen_vectors=vectors, pca_means=np.zeros(128))
    embeddings = torch.zeros(1, 128)
    embeddings[0, 3] = 2.0
    found = PrincipalBytes(tmp_path / "p.npz")(embeddings)[0]
    assert found[0] == 255
    assert found[3] == 128


@pytest.mark.parametrize(
    "arrays",
    [
        {"pca_means": np.zeros(128)},
        {"pca_eigen_vectors": np.eye(64), "pca_means": np.zeros(128)},
    ],
)
def test_other_components_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "p.npz", **arrays)
    with pytest.raises(
        ValueError, match=r"p\.npz: .* expected an \.npz with pca_eigen"
    ):
        PrincipalBytes(tmp_path / "p.npz")


def test_missing_components_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"p\.npz: no principal components"):
        PrincipalBytes(tmp_path / "p.npz")
