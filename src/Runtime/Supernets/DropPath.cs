using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// Stochastic depth in one forward pass of a student (Huang et al. 2016): each branch of each block is left out for some of the images, and
/// counts for more for the others, so that its mean stays. The share of images grows in proportion from none at an architecture's first
/// block to <paramref name="rate"/> at its last.
/// </summary>
/// <remarks>
/// Every branch draws once for each image of the whole batch, whichever of them the pass has: what is left out depends neither on the
/// groups that the batch is computed in nor on the processes that it is dealt to.
/// </remarks>
/// <param name="rate">The share of images that the last block's branches are left out for, below 1.</param>
/// <param name="streams">The draws of each view that goes through together; they are this one's from here on.</param>
/// <param name="batch">Images of a step.</param>
/// <param name="first">The place of the pass's first image among them.</param>
/// <param name="images">Images of each view in the pass.</param>
public sealed class DropPath(double rate, CounterRandom[] streams, int batch, int first, int images)
{
    private double chance;

    /// <summary>Comes to a block of an architecture that has <paramref name="blocks"/> of them.</summary>
    internal void Enter(int block, int blocks) => chance = blocks > 1 ? rate * block / (blocks - 1) : 0;

    /// <summary>What is left of a branch's result, in place: [views * images, T, C] -> the same.</summary>
    internal Tensor Of(Tensor y)
    {
        if (chance == 0) return y;
        var factors = new float[streams.Length * images];
        for (var view = 0; view < streams.Length; view++)
            for (var image = 0; image < batch; image++)
            {
                var stays = streams[view].NextDouble() >= chance;
                if (image >= first && image < first + images)
                    factors[view * images + image - first] = stays ? (float)(1 / (1 - chance)) : 0;
            }
        return y.mul_(tensor(factors).view(-1, 1, 1).to(y.dtype, y.device));
    }
}
