"""Many coefficients on few axes: principal components and a t-SNE map.

Coefficients are standardised first: unscaled, the first, which is loudness, has most of
the variance to itself.
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from local.output.maps import embed_in_plane


def project(feats, genders, share):
    """Find principal components, and where among them genders differ.

    Parameters
    ----------
    feats : ndarray, (n, n_coefficients)
        Of utterances.
    genders : ndarray of int, (n,)
        0 or 1.
    share : float
        Of the variance to explain, 0 < share <= 1.

    Returns
    -------
    points : ndarray, (n, n_components)
        Utterances on the components.
    figures : dict
        ``explained``, share of the variance by component; ``n_for``, as many explain
        the share; ``gender``, share of the squared difference between the means of the
        genders that lies along each component, which add up to 1; and ``loadings``,
        weight of each coefficient in the component where that is the most.
    """
    pca = PCA(svd_solver="full")
    points = pca.fit_transform(StandardScaler().fit_transform(feats))
    apart = points[genders == 1].mean(axis=0) - points[genders == 0].mean(axis=0)
    along = apart**2 / (apart**2).sum()
    most = int(along.argmax())
    explained = pca.explained_variance_ratio_
    loadings = pca.components_[most] * np.sign(apart[most])  # men on the positive side
    figures = {
        "explained": explained.tolist(),
        "share": share,
        "n_for": int(np.searchsorted(explained.cumsum(), share - 1e-12) + 1),
        "gender": along.tolist(),
        "gender_component": most,
        "loadings": loadings.tolist(),
    }
    return points, figures


def lay_out(feats, genders, speakers, seed):
    """Lay utterances out in the plane by t-SNE.

    Parameters
    ----------
    feats : ndarray, (n, n_coefficients)
        Of utterances, n at least 4.
    genders, speakers : ndarray, (n,)
        Of utterances.
    seed : int
        Other seeds give other, equally good maps.

    Returns
    -------
    points : ndarray, (n, 2)
        On the map.
    figures : dict
        ``neighbours``: how often the nearest utterance of another speaker on the map
        has the same gender.
    """
    points = embed_in_plane(StandardScaler().fit_transform(feats), seed)
    n_most = np.unique(speakers, return_counts=True)[1].max()
    search = NearestNeighbors(n_neighbors=min(n_most + 1, len(feats)))
    near = search.fit(points).kneighbors(points, return_distance=False)
    others = speakers[near] != speakers[:, np.newaxis]
    nearest = near[np.arange(len(near)), others.argmax(axis=1)]
    return points, {"neighbours": float((genders[nearest] == genders).mean())}
