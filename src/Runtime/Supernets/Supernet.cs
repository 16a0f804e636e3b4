using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime;

/// <summary>
/// A weight-sharing network: every architecture of its space is a slice of its weights. Generated code derives one class for each space; this base holds
/// what all of them share.
/// </summary>
public abstract class Supernet
{
    private readonly List<SlicedConv2d> convolutions = [];
    private readonly List<SlicedBatchNorm2d> norms = [];

    protected Supernet(SearchSpace space, ParameterStore weights) => (SearchSpace, Weights) = (space, weights);

    public SearchSpace SearchSpace { get; }

    public ParameterStore Weights { get; }

    /// <summary>Statistics that BatchNorm gathers into or normalises with; null for those of the batch at hand, as in training.</summary>
    public NormStatistics? Statistics { get; set; }

    /// <summary>Runs one block of a segment: [N, C, H, W] -> [N, C', H', W'].</summary>
    public Tensor Block(int segment, int block, Tensor x, Architecture architecture) => RunBlock(segment, block, x, architecture);

    /// <summary>Runs the leading blocks of a segment that the architecture keeps: [N, C, H, W] -> [N, C', H', W'].</summary>
    public Tensor Segment(int segment, Tensor x, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var depth = architecture.Depth(segment);
        var inference = !is_grad_enabled();
        for (var block = 0; block < depth; block++)
        {
            var next = RunBlock(segment, block, x, architecture);
            if (inference && block > 0) x.Dispose();
            x = next;
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The maps of all segments, C1 first: images [N, 3, H, W] -> each [N, C, H', W'].</summary>
    public Tensor[] Features(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var maps = new Tensor[SearchSpace.Segments.Count];
        var x = Prepare(images);
        for (var i = 0; i < maps.Length; i++) maps[i] = x = Segment(i, x, architecture);
        foreach (var map in maps) map.MoveToOuterDisposeScope();
        return maps;
    }

    /// <summary>The last map: images [N, 3, H, W] -> [N, C, H', W'].</summary>
    public Tensor LastMap(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var inference = !is_grad_enabled();
        var x = Prepare(images);
        for (var i = 0; i < SearchSpace.Segments.Count; i++)
        {
            var next = Segment(i, x, architecture);
            if (inference && i > 0) x.Dispose();
            x = next;
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The embedding in 32 bits: images [N, 3, H, W] -> [N, C], the last map averaged over its positions.</summary>
    public Tensor Embed(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return Pool(LastMap(images, architecture)).MoveToOuterDisposeScope();
    }

    /// <summary>Global average pooling in 32 bits: [N, C, H, W] -> [N, C].</summary>
    public static Tensor Pool(Tensor map) => map.to(ScalarType.Float32).mean([2L, 3L]);

    /// <summary>Images in the type that the convolutions compute in.</summary>
    public Tensor Prepare(Tensor images) => images.to(Weights.ComputeType);

    /// <summary>Gathers the statistics of an architecture over image batches [N, 3, H, W].</summary>
    public NormStatistics Calibrate(Architecture architecture, IEnumerable<Tensor> batches)
    {
        var statistics = new NormStatistics(Weights.Device);
        var previous = Statistics;
        Statistics = statistics;
        try
        {
            statistics.Gather(batches, images => LastMap(images, architecture).Dispose());
            return statistics;
        }
        catch
        {
            statistics.Dispose();
            throw;
        }
        finally
        {
            Statistics = previous;
        }
    }

    /// <summary>Makes every slice of the grid; call once after the store is allocated.</summary>
    public void PrecomputeSlices()
    {
        foreach (var convolution in convolutions) convolution.PrecomputeSlices();
        foreach (var norm in norms) norm.PrecomputeSlices();
    }

    /// <summary>Runs one block; generated.</summary>
    protected abstract Tensor RunBlock(int segment, int block, Tensor x, Architecture architecture);

    /// <summary>State-dict key of a layer in a block; the stem's block has no prefix.</summary>
    protected static string Key(string block, string layer) => block.Length == 0 ? layer : $"{block}.{layer}";

    /// <summary>Declares a convolution; the last entries of the grids are its largest shape.</summary>
    protected SlicedConv2d Conv2d(string key, int[] @in, int[] @out, int kernel, int stride)
    {
        var convolution = new SlicedConv2d(Weights, key, @in, @out, kernel, stride);
        convolutions.Add(convolution);
        return convolution;
    }

    /// <summary>Declares a BatchNorm; the last entry of the grid is its largest size.</summary>
    protected SlicedBatchNorm2d BatchNorm2d(string key, int[] channels, bool zeroScale = false)
    {
        var norm = new SlicedBatchNorm2d(this, Weights, key, channels, zeroScale);
        norms.Add(norm);
        return norm;
    }
}
