using System.Runtime.CompilerServices;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>A winner that is not proven yet, in a folder of its own.</summary>
/// <param name="Spec">The class.</param>
/// <param name="Metadata">What files that hold strings say of their origin.</param>
internal sealed record WinnerDraft(NetworkPlan Plan, FixedClassSpec Spec, string Folder, IReadOnlyDictionary<string, string> Metadata)
{
    private readonly Dictionary<string, Type> compiled = [];
    private Int8Calibration.Choice? inEightBits;

    /// <summary>How pixels become its images.</summary>
    public PixelRule Pixels { get; init; } = PixelRule.ImageNet;

    /// <summary>Channels of the pictures that come as bytes; 0 where it takes none.</summary>
    public int PictureChannels => Spec.PicturesOf(Plan).Channels;

    /// <summary>Pictures of any size, for the proof of what takes such; none where it takes none.</summary>
    public IReadOnlyList<Image> Pictures { get; init; } = [];

    /// <summary>The images [N, C, S, S] that evaluation makes of the pictures; null where there are none.</summary>
    public Tensor? Shown { get; init; }

    /// <summary>Images [N, C, S, S] that the ranges of values are taken over.</summary>
    public Tensor? Calibration { get; init; }

    /// <summary>How it computes in 8 bits, found out once for all forms that do.</summary>
    /// <param name="state">Of the class for inference.</param>
    public Int8Calibration.Choice InEightBits(IReadOnlyDictionary<string, Tensor> state) =>
        inEightBits ??= new Int8Calibration(this, state).Run();

    /// <summary>The class for inference; the class itself where there is nothing to fold.</summary>
    public FixedClassSpec Inference => Folding.Applies(Plan) ? Spec with { ClassName = Spec.ClassName + "Folded", Folded = true } : Spec;

    public string Source(FixedClassSpec spec) => SpaceCompiler.EmitFixedClass(Plan, spec);

    /// <summary>The file of the reader that classes share; null where each has its own.</summary>
    public string? Reader => Spec.SharesReader ? Path.Combine(Folder, SpaceCompiler.WeightsReaderFile(Spec.Namespace)) : null;

    /// <summary>Writes a class's source, and the reader beside it where it is shared.</summary>
    public void WriteSource(WinnerForm form, FixedClassSpec spec)
    {
        AtomicFile.WriteText(File(form), Source(spec));
        if (Reader is { } reader) AtomicFile.WriteText(reader, SpaceCompiler.EmitWeightsReader(Spec.Namespace));
    }

    public string File(WinnerForm form) => Path.Combine(Folder, form.FileName(Spec.ClassName));

    /// <summary>The file of a form's own weights; null where it has none.</summary>
    public string? WeightsFile(WinnerForm form) =>
        form.WeightsName(Spec.ClassName) is { } name ? Path.Combine(Folder, name) : null;

    /// <summary>The weights of every class.</summary>
    public string Weights => Path.Combine(Folder, Spec.ClassName + ".safetensors");

    /// <summary>A class with weights, in evaluation mode; the caller disposes it.</summary>
    public nn.Module<Tensor, Tensor> Load(FixedClassSpec spec, string weights, ScalarType type = ScalarType.Float32)
    {
        if (!compiled.TryGetValue(spec.ClassName, out var made))
            compiled.Add(
                spec.ClassName,
                made = InMemoryCompiler.Compile(
                    "DataSslProof", Reader is null ? [Source(spec)] : [Source(spec), SpaceCompiler.EmitWeightsReader(Spec.Namespace)])
                    .GetType($"{spec.Namespace}.{spec.ClassName}", throwOnError: true)!);
        return Load(made, weights, type);
    }

    /// <summary>The same of a class that is compiled.</summary>
    public nn.Module<Tensor, Tensor> Load(Type made, string weights, ScalarType type = ScalarType.Float32)
    {
        var module = FixedNetwork.Create(made, type: type);
        try
        {
            FixedNetwork.Call(made, "load_safetensors", module, weights);
        }
        catch
        {
            module.Dispose();
            throw;
        }
        module.eval();
        return module;
    }

    /// <summary>The maps of a class, the logits where it has a head, then its embedding, in the images' type.</summary>
    public IReadOnlyList<Tensor> Run(nn.Module<Tensor, Tensor> module, Tensor images)
    {
        // Several maps come as a tuple.
        var features = FixedNetwork.Call(module.GetType(), "features", module, images);
        IEnumerable<Tensor> maps = features is ITuple tuple
            ? Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!)
            : [(Tensor)features];
        IEnumerable<Tensor> logits = Spec.Head > 0 ? [(Tensor)FixedNetwork.Call(module.GetType(), "classify", module, images)] : [];
        return [.. maps, .. logits, module.call(images)];
    }

    /// <summary>What a class's own methods give for the pictures: a head's logits, then the embedding; null where there are none.</summary>
    public IReadOnlyList<Tensor>? OfPictures(object network) => OfPictures(method =>
    {
        var call = PictureCalls.Of(network, method);
        return picture => call(picture.Pixels.Span, picture.Width, picture.Height);
    });

    /// <param name="methods">By the method's name, what it gives for a picture.</param>
    /// <inheritdoc cref="OfPictures(object)"/>
    public IReadOnlyList<Tensor>? OfPictures(Func<string, Func<Image, float[]>> methods)
    {
        return Pictures.Count == 0 ? null : [.. Spec.Head > 0 ? new[] { Of("Classify") } : [], Of("Embed")];

        Tensor Of(string method)
        {
            using var scope = NewDisposeScope();
            return stack([.. Pictures.Select(methods(method)).Select(values => tensor(values))]).MoveToOuterDisposeScope();
        }
    }
}
