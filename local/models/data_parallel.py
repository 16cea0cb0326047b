"""SpeechBrain's Brain in several processes, so that they train as one would."""

import speechbrain as sb
import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from local.distributed import gather


class GlobalBatchNorm(_BatchNorm):
    """Batch normalisation by the statistics of the batches of all processes.

    What torch's ``SyncBatchNorm`` does, which works on GPUs alone. In evaluation it
    is the layer it was made of; the processes' batches are of one size.
    """

    def _check_input_dim(self, input):
        """Accept the inputs of the 1-, 2- and 3-dimensional layers."""

    def forward(self, x):
        """Return ``x`` (batch, channels, ...) normalised for each channel."""
        if not self.training:
            return super().forward(x)
        dims = [0, *range(2, x.ndim)]
        wide = x.float()  # autocast may give bfloat16
        own_mean = wide.mean(dims, keepdim=True)
        # torch.var_mean takes twenty times as long on a CPU.
        own_var = (wide - own_mean).square().mean(dims, keepdim=True)
        own = torch.stack([own_var, own_mean])
        variances, means = gather(own).unbind(1)  # (processes, 1, c, ...)
        mean = means.mean(0)
        var = (variances + (means - mean).square()).mean(0)
        if self.track_running_stats:
            self._track(mean, var, len(means) * x.numel() // x.shape[1])
        y = (wide - mean) * (var + self.eps).rsqrt()
        if self.affine:
            y = y * self.weight.view_as(mean) + self.bias.view_as(mean)
        return y.to(x.dtype)

    @torch.no_grad()
    def _track(self, mean, var, n):
        self.num_batches_tracked += 1
        share = self.momentum
        if share is None:  # torch's sign for the plain average of all batches
            share = 1 / self.num_batches_tracked.item()
        self.running_mean.lerp_(mean.flatten(), share)
        self.running_var.lerp_(var.flatten() * n / (n - 1), share)


def share_statistics(module):
    """Make every batch normalisation of a module a `GlobalBatchNorm`, in place."""
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            part.__class__ = GlobalBatchNorm  # weights, statistics and options stay


class DataParallelBrain(sb.Brain):
    """A Brain for equal shares of each batch under ``torchrun``, on CPUs too."""

    def _wrap_distributed(self):
        # SpeechBrain's takes SyncBatchNorm always, which DDP refuses on a CPU.
        if not self.distributed_launch or self.device_type != "cpu":
            super()._wrap_distributed()
            return
        for name, module in self.modules.items():
            if any(weight.requires_grad for weight in module.parameters()):
                share_statistics(module)
                self.modules[name] = DistributedDataParallel(
                    module, find_unused_parameters=self.find_unused_parameters
                )

    def _train_loader_specifics(self, dataset, loader_kwargs):
        # SpeechBrain's would wrap the sampler, to deal whole batches to the processes.
        # Ours gives each its share of every batch: the batches of one process.
        return loader_kwargs
