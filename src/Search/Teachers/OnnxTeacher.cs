using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage.Foreign;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace DataSsl.Search.Teachers;

/// <summary>
/// Any ONNX model of colour images [N, 3, H, W] in ONNX Runtime on the CPU. Its embedding is the output <c>embedding</c>, or its only one
/// [N, D]; where it has none, the last map's mean over positions or the first of tokens [N, T, D]. Where its metadata say <c>mean</c> and
/// <c>std</c>, three numbers each of pixels from 0 to 1, it is shown images by them, otherwise by ImageNet's.
/// </summary>
public sealed class OnnxTeacher : ForeignTeacher
{
    private readonly string path, networkOption, sizeOption;
    private readonly OnnxModel model;
    private readonly Tensor? scale;
    private readonly Tensor? shift;
    private readonly string embedding;
    private readonly string? map;

    /// <summary>The largest number of images that a model may insist on: all of them are computed together.</summary>
    private const int MostAtOnce = 1024;

    /// <summary>Images that the model takes at once; 0 for any number.</summary>
    private readonly int fixedBatch;

    private OnnxTeacher(string path, OnnxModel model, int size, int fixedBatch, string networkOption, string sizeOption) : base(size)
    {
        (this.path, this.model, this.fixedBatch) = (path, model, fixedBatch);
        (this.networkOption, this.sizeOption) = (networkOption, sizeOption);
        using var scope = NewDisposeScope();
        var (mean, std) = (ViewRecipe.ImageNetMean, ViewRecipe.ImageNetStd);
        if ((Three("mean"), Three("std")) is var (itsMean, itsStd) && itsMean is null != itsStd is null)
            throw new UserException(
                $"{path}: its metadata have {(itsStd is null ? "'mean' and no 'std'" : "'std' and no 'mean'")}, which pixels are normalised by together; write both, or neither for ImageNet's");
        if (itsMean is not null && itsStd is not null)
        {
            var (means, stds) = (mean.ToSingle(), std.ToSingle());
            scale = tensor(stds.Zip(itsStd, (ours, its) => ours / its).ToArray()).view(1, 3, 1, 1).DetachFromDisposeScope();
            shift = tensor(means.Zip(itsMean, (ours, its) => ours - its).Zip(itsStd, (difference, its) => difference / its).ToArray())
                .view(1, 3, 1, 1).DetachFromDisposeScope();
        }
        (embedding, map, Dimension, MapSide) = Probe();
    }

    /// <summary>Reads a file and tries it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Side of the images that it shall be shown in pixels; null for its own.</param>
    /// <param name="otherwise">The side where it has none of its own.</param>
    /// <param name="threads">Threads that it computes with.</param>
    /// <param name="networkOption">What messages call the option that names the file.</param>
    /// <param name="sizeOption">And that of <paramref name="size"/>.</param>
    /// <exception cref="UserException">It cannot be read, or run on such images, or what it gives is no embedding.</exception>
    public static OnnxTeacher Open(
        string path, int? size, int otherwise, int threads, string networkOption = "--teacher", string sizeOption = "--teacher-size")
    {
        using (NewDisposeScope())
            foreach (var (name, values) in OnnxInitializers.Read(path).Tensors)
                if (!values.isfinite().all().item<bool>())
                    throw new UserException(
                        $"{path}: tensor '{name}' holds a value that is not finite; its training diverged, or the file is damaged");
        OnnxModel? model = null;
        try
        {
            model = new OnnxModel(path, threads);
            var (batch, side) = Input(path, model, size, networkOption, sizeOption);
            return new(path, model, side ?? SizeOf(path, model, sizeOption) ?? otherwise, batch, networkOption, sizeOption);
        }
        catch (InvalidDataException e)
        {
            model?.Dispose();
            throw new UserException(e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message : $"{path}: {e.Message}", e);
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int MapSide { get; }

    /// <inheritdoc/>
    public override (Tensor Embedding, Tensor? Map) Run(Tensor images)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var x = images.cpu();
        if (scale is not null) x = x * scale + shift!;
        var (count, step) = (x.shape[0], fixedBatch > 0 ? fixedBatch : x.shape[0]);
        var (embeddings, maps) = (new List<Tensor>(), new List<Tensor>());
        for (var first = 0L; first < count; first += step)
        {
            var length = Math.Min(step, count - first);
            var part = x.narrow(0, first, length);
            // A model of a fixed number of images is given the last one more often.
            if (length < step) part = cat([part, part.narrow(0, length - 1, 1).expand(step - length, -1, -1, -1)], 0);
            var outputs = Outputs(part);
            embeddings.Add(Pooled(OfImages(embedding)).narrow(0, 0, length));
            if (map is not null) maps.Add(OfImages(map).narrow(0, 0, length));
            if (embeddings[^1].shape[1] != Dimension)
                throw new UserException(
                    $"{path}: its embedding has {embeddings[^1].shape[1]} numbers for {part.shape[0]} images together and {Dimension} for another number of them; give another {networkOption}");

            Tensor OfImages(string name) => outputs[name] is var output && output.shape[0] == part.shape[0] ? output
                : throw new UserException(
                    $"{path}: its output '{name}' is [{string.Join(", ", output.shape)}] for {part.shape[0]} images, not one row of each; give another {networkOption}");
        }
        return (cat(embeddings, 0).to(images.device).MoveToOuterDisposeScope(), map is null ? null
            : cat(maps, 0).to(images.device).MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        scale?.Dispose();
        shift?.Dispose();
        model.Dispose();
    }

    /// <summary>The side that a model says it is for as ours do; null where it says none.</summary>
    private static int? SizeOf(string path, OnnxModel model, string sizeOption)
    {
        if (!long.TryParse(model.Metadata.GetValueOrDefault("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var side))
            return null;
        return side <= int.MaxValue && ViewBounds.Size.Holds((int)side)
            ? (int)side
            : throw new UserException($"{path}: its metadata 'size' is {side}: no side of an image in pixels; give {sizeOption}");
    }

    /// <summary>The number of images and the side that the model is made for; 0 and null where they are free.</summary>
    private static (int Batch, int? Side) Input(string path, OnnxModel model, int? size, string networkOption, string sizeOption)
    {
        if (model.Inputs.Count != 1)
            throw new UserException(
                $"{path}: takes {model.Inputs.Count} inputs ({string.Join(", ", model.Inputs.Keys)}), and images are one; give another {networkOption}");
        var (name, input) = model.Inputs.Single();
        var shape = input.Dimensions;
        var text =
            $"'{name}' is [{string.Join(", ", shape.Select((side, i) => side > 0 ? side.ToString(CultureInfo.InvariantCulture) : input.SymbolicDimensions[i] is { Length: > 0 } free ? free : "?"))}]";
        if (!OnnxModel.IsFloats(input) || shape.Length != 4)
            throw new UserException(
                $"{path}: its input {text} of {(input.IsTensor ? input.ElementDataType.ToString().ToLowerInvariant() : "no tensor")}: images are given as [N, 3, H, W] in 32-bit floats; export it so");
        if (shape[0] > MostAtOnce)
            throw new UserException($"{path}: its input {text}: more images at once than {MostAtOnce}; export it for any number of them");
        if (shape[1] > 0 && shape[1] != 3)
            throw new UserException(
                $"{path}: its input {text}: images of {shape[1]} channels cannot be made from these, which have 3{(shape[3] == 3 ? " in the second place: export it for [N, 3, H, W]" : "; give another {networkOption}")}");
        if (shape[2] > 0 && shape[3] > 0 && shape[2] != shape[3])
            throw new UserException(
                $"{path}: its input {text}: images are shown as squares; export it for free or equal sides");
        int? side = shape[2] > 0 ? shape[2] : shape[3] > 0 ? shape[3] : null;
        if (side is { } own && size is { } asked && own != asked)
            throw new UserException($"{sizeOption} {asked}: {path} takes images of {own} pixels alone; leave the option out");
        return (Math.Max(0, shape[0]), side ?? size);
    }

    /// <summary>Runs it on images of noise, and tells which outputs are what.</summary>
    private (string Embedding, string? Map, int Dimension, int MapSide) Probe()
    {
        using var scope = NewDisposeScope();
        using var generator = new TorchSharp.torch.Generator(1);
        var count = fixedBatch > 0 ? fixedBatch : 2;
        if (!model.Outputs.Any(output => OnnxModel.IsFloats(output.Metadata)))
            throw new UserException(
                $"{path}: none of its outputs ({string.Join(", ", model.Outputs.Select(output => output.Name))}) is a tensor of 32-bit floats; give another {networkOption}");
        var outputs = Outputs(randn([count, 3, Size, Size], generator: generator));
        var floats = model.Outputs.Where(output => outputs.ContainsKey(output.Name))
            .Select(output => (output.Name, Values: outputs[output.Name]))
            .Where(output => output.Values.dim() > 1 && output.Values.shape[0] == count).ToList();
        var last = floats.Where(output => output.Values.dim() == 4 && output.Values.shape[2] > 1).Select(output => output.Name)
            .LastOrDefault();
        var flat = floats.Where(
                output => output.Values.dim() == 2 || (output.Values.dim() == 4 && output.Values.shape[2] * output.Values.shape[3] == 1))
            .Select(output => output.Name).ToList();
        var said = flat.Contains(OnnxNetwork.Embedding) ? OnnxNetwork.Embedding
            : flat.Count == 1 ? flat[0]
            : flat.Count > 1 ? throw new UserException(
                $"{path}: which of its outputs {string.Join(", ", flat)} is the embedding cannot be told; name it 'embedding'")
            : last ?? floats.Where(output => output.Values.dim() == 3).Select(output => output.Name).LastOrDefault()
                ?? throw new UserException(
                    $"{path}: none of its outputs is an embedding [N, D] or a map [N, C, H, W] in 32-bit floats for {count} images; give another {networkOption}");
        var pooled = Pooled(outputs[said]);
        if (!pooled.isfinite().all().item<bool>())
            throw new UserException(
                $"{path}: its embedding of noise is not finite: a weight of it is not, or its values overflow; give another {networkOption}");
        if (pooled.shape[1] > int.MaxValue || !ObjectiveBounds.Dimension.Holds((int)pooled.shape[1]))
            throw new UserException(
                $"{path}: its embedding '{said}' has {pooled.shape[1]} numbers, and from {ObjectiveBounds.Dimension.From} to {ObjectiveBounds.Dimension.To} can be learnt; give another {networkOption}");
        return (said, last, (int)pooled.shape[1], last is null ? 0 : (int)Math.Min(outputs[last].shape[2], outputs[last].shape[3]));
    }

    private IReadOnlyDictionary<string, Tensor> Outputs(Tensor images)
    {
        try
        {
            return model.Run(images, [.. model.Outputs.Where(output => OnnxModel.IsFloats(output.Metadata)).Select(output => output.Name)]);
        }
        catch (InvalidDataException e)
        {
            // A model may run on some numbers of images and fail on others.
            throw new UserException($"{path}: {e.Message}, given {images.shape[0]} images of {Size} px", e);
        }
    }

    /// <summary>[N, D], [N, C, H, W] or [N, T, D] -> [N, D].</summary>
    private static Tensor Pooled(Tensor output) =>
        output.dim() switch { 4 => output.mean([2L, 3L]), 3 => output.select(1, 0), _ => output };

    private float[]? Three(string key)
    {
        if (!model.Metadata.TryGetValue(key, out var text)) return null;
        var numbers = text.Trim('[', ']', '(', ')', ' ').Split(',');
        var values = Array.ConvertAll(
            numbers, number => float.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN);
        return values.Length == 3 && values.All(float.IsFinite) && (key != "std" || values.All(value => value > 0)) ? values
            : throw new UserException(
                $"{path}: its metadata '{key}' is '{text}': three numbers of red, green and blue are needed, such as {ViewRecipe.ImageNetMean}");
    }
}
