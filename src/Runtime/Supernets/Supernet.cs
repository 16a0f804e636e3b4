using DataSsl.Runtime.Norms;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// A weight-sharing network: every architecture of its space is a slice of its weights. Generated code derives one class for each space;
/// this base holds what all of them share.
/// </summary>
public abstract class Supernet
{
    private readonly List<ISliced> layers = [];
    private bool mixesImages;
    private Norm norm = Norm.OfBatch;

    /// <summary>Begins a supernet; the layers of the derived class declare their weights in <paramref name="weights"/>.</summary>
    protected Supernet(SearchSpace space, ParameterStore weights)
    {
        OneDnnCaches.Mend();
        (SearchSpace, Weights) = (space, weights);
    }

    /// <summary>The space whose architectures are slices of it.</summary>
    public SearchSpace SearchSpace { get; }

    /// <summary>The store that holds its weights.</summary>
    public ParameterStore Weights { get; }

    /// <summary>Statistics that BatchNorm gathers into or normalises with; null for those of the batch at hand, as in training.</summary>
    public NormStatistics? Statistics { get; set; }

    /// <summary>
    /// Processes over whose batches together BatchNorm takes its statistics in training; null for this one's batch alone.
    /// </summary>
    public ProcessGroup? Processes
    {
        get;
        set
        {
            field = value;
            ChooseNorm();
        }
    }

    /// <summary>
    /// Images that are computed at once where no gradient is wanted, which bounds the memory beside the maps; null for all. Statistics are
    /// those of all images whatever the number, and BatchNorm then works in place. Scores do not depend on the number, beyond the rounding
    /// of kernels that the number chooses.
    /// </summary>
    public int? ImagesAtOnce
    {
        get;
        set
        {
            field = value;
            ChooseNorm();
        }
    }

    /// <summary>
    /// The mixture of architectures that the largest network is at present; null where it is itself, as everywhere but in DARTS.
    /// </summary>
    public Relaxation? Relaxation { get; set; }

    /// <summary>What the pass at hand leaves out of the blocks; null for nothing, as everywhere but in training students.</summary>
    public DropPath? Dropped { get; set; }

    /// <summary>How every BatchNorm normalises at present.</summary>
    internal Norm Norm => Statistics?.Norm ?? norm;

    /// <summary>Runs one block of a segment: [N, C, H, W] -> [N, C', H', W'].</summary>
    public Tensor Block(int segment, int block, Tensor x, Architecture architecture) => mixesImages
        // Its convolutions are split, since its norms need all images.
        ? RunBlock(segment, block, x, architecture)
        : ImageParts.Run(x, ImagesAtOnce, part => RunBlock(segment, block, part, architecture));

    /// <summary>Runs the leading blocks of a segment that the architecture keeps: [N, C, H, W] -> [N, C', H', W'].</summary>
    public Tensor Segment(int segment, Tensor x, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var depth = architecture.Depth(segment);
        var inference = !is_grad_enabled();
        Tensor? mixed = null;
        for (var block = 0; block < depth; block++)
        {
            Dropped?.Enter(BlocksBefore(segment) + block, BlocksBefore(SearchSpace.Segments.Count));
            var next = Block(segment, block, x, architecture);
            if (inference && block > 0) x.Dispose();
            x = next;
            if (Relaxation?.OfDepth(segment, block + 1) is not { } share) continue;
            var part = x * share.to(x.dtype);
            mixed = mixed is null ? part : mixed + part;
        }
        return (mixed ?? x).MoveToOuterDisposeScope();

        // Of stages alone: stem and head have no branches.
        int BlocksBefore(int end) =>
            Enumerable.Range(0, end).Where(s => SearchSpace.Segments[s].DepthAxis >= 0).Sum(architecture.Depth);
    }

    /// <summary>
    /// The outputs of all segments, the stem's first: images [N, 3, H, W] -> each [N, C, H', W'], or tokens [N, 1 + T, C].
    /// </summary>
    public Tensor[] Features(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var maps = new Tensor[SearchSpace.Segments.Count];
        var x = Prepare(images);
        for (var i = 0; i < maps.Length; i++) maps[i] = x = Segment(i, x, architecture);
        foreach (var map in maps) map.MoveToOuterDisposeScope();
        return maps;
    }

    /// <summary>The last output: images [N, 3, H, W] -> [N, C, H', W'], or tokens [N, 1 + T, C].</summary>
    public Tensor LastMap(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return AfterStem(Stem(images, architecture), architecture).MoveToOuterDisposeScope();
    }

    /// <summary>The first segment's output: images [N, 3, H, W] -> [N, C, H', W'], or tokens [N, 1 + T, C].</summary>
    public Tensor Stem(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return Segment(0, Prepare(images), architecture).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The last output from a stem's that may be a wider architecture's, where <see cref="SearchSpace.HasSharedStem"/>: its leading
    /// channels are this one's.
    /// </summary>
    public Tensor FromStem(Tensor stem, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return AfterStem(PartOfStem(stem, architecture), architecture).MoveToOuterDisposeScope();
    }

    /// <summary>An architecture's channels of a stem's output, or of its gradient: a view, or the same where it has them all.</summary>
    internal static Tensor PartOfStem(Tensor stem, Architecture architecture)
    {
        var (dimension, channels) = (stem.dim() == 4 ? 1 : 2, architecture.Channels(0));
        return stem.shape[dimension] == channels ? stem : stem.narrow(dimension, 0, channels);
    }

    private Tensor AfterStem(Tensor stem, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var inference = !is_grad_enabled();
        var x = stem;
        for (var i = 1; i < SearchSpace.Segments.Count; i++)
        {
            var next = Segment(i, x, architecture);
            // The stem's output is the caller's.
            if (inference && i > 1) x.Dispose();
            x = next;
        }
        return (Relaxation?.OfOutput(x) ?? x).MoveToOuterDisposeScope();
    }

    /// <summary>The embedding in 32 bits: images [N, 3, H, W] -> [N, C], <see cref="Pool"/> of the last output.</summary>
    public Tensor Embed(Tensor images, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return Pool(LastMap(images, architecture)).MoveToOuterDisposeScope();
    }

    /// <summary>The embedding of a last output in 32 bits: [N, C, H, W] -> [N, C], or the class token of [N, 1 + T, C].</summary>
    public static Tensor Pool(Tensor output) => Tokens.Pool(output);

    /// <summary>Begins a forward pass: images in the type that the convolutions compute in.</summary>
    public Tensor Prepare(Tensor images) => images.to(Weights.ComputeType);

    /// <summary>Gathers the statistics of an architecture over image batches [N, 3, H, W].</summary>
    public NormStatistics Calibrate(Architecture architecture, IEnumerable<Tensor> batches)
    {
        var statistics = new NormStatistics();
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
        foreach (var layer in layers) layer.PrecomputeSlices();
    }

    /// <summary>Runs one block; generated.</summary>
    protected abstract Tensor RunBlock(int segment, int block, Tensor x, Architecture architecture);

    /// <summary>What the pass leaves of a branch's result: [N, T, C] -> the same, in place.</summary>
    protected Tensor DropPath(Tensor y) => Dropped is { } dropped ? dropped.Of(y) : y;

    /// <summary>State-dict key of a layer in a block; the stem's block has no prefix.</summary>
    protected static string Key(string block, string layer) => block.Length == 0 ? layer : $"{block}.{layer}";

    /// <summary>Declares a convolution; the last entries of the grids are its largest shape.</summary>
    protected SlicedConv2d Conv2d(string key, int[] @in, int[] @out, int kernel, int stride) =>
        Add(new SlicedConv2d(this, Weights, key, @in, @out, kernel, stride));

    /// <summary>Declares a depthwise convolution; the last entries of the grids are its channels and its largest kernel.</summary>
    protected SlicedDepthwiseConv2d DepthwiseConv2d(string key, int[] channels, int[] kernels, int stride) =>
        Add(new SlicedDepthwiseConv2d(this, Weights, key, channels, kernels, stride));

    /// <summary>Declares a BatchNorm; the last entry of the grid is its largest size.</summary>
    protected SlicedBatchNorm2d BatchNorm2d(string key, int[] channels)
    {
        mixesImages = true;
        return Add(new SlicedBatchNorm2d(this, Weights, key, channels));
    }

    /// <summary>Declares the projection of square patches.</summary>
    protected SlicedPatches Patches(string key, int[] @in, int[] @out, int side) => Add(new SlicedPatches(Weights, key, @in, @out, side));

    /// <summary>Declares a class token.</summary>
    protected SlicedClassToken ClassToken(string key, int[] channels) => Add(new SlicedClassToken(Weights, key, channels));

    /// <summary>Declares the embeddings of token positions, the class token's included.</summary>
    protected SlicedPositions Positions(string key, int[] channels, int tokens) => Add(new SlicedPositions(Weights, key, channels, tokens));

    /// <summary>Declares a LayerNorm; the last entry of the grid is its largest size.</summary>
    protected SlicedLayerNorm LayerNorm(string key, int[] channels) => Add(new SlicedLayerNorm(this, Weights, key, channels));

    /// <summary>Declares a matrix with bias; <paramref name="parts"/> outputs lie behind one another.</summary>
    protected SlicedLinear Linear(string key, int[] @in, int[] @out, int parts = 1) =>
        Add(new SlicedLinear(this, Weights, key, @in, @out, parts));

    private void ChooseNorm() =>
        norm = Processes is { } processes ? new SynchronisedNorm(processes) : ImagesAtOnce is { } most ? new WalkNorm(most) : Norm.OfBatch;

    private T Add<T>(T layer) where T : ISliced
    {
        layers.Add(layer);
        return layer;
    }
}

/// <summary>A layer whose weights run as slices.</summary>
internal interface ISliced
{
    /// <summary>Makes the slices of the whole grid ahead, so that no step makes one.</summary>
    void PrecomputeSlices();
}
