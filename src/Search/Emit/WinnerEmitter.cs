using System.Globalization;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Networks;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit;

/// <summary>What an emit wrote.</summary>
/// <param name="MaxAbsDifference">Largest absolute difference between the class and its supernet slice on the proof images.</param>
/// <param name="Forms">Every form asked for, the class first; those whose proof does not hold were not written.</param>
/// <param name="CardPath">The model card, where its facts were given.</param>
/// <param name="ReaderPath">The source of the reader of weights, where classes of the namespace share one.</param>
public sealed record EmittedClass(
    string ClassName, string SourcePath, string WeightsPath, double MaxAbsDifference, IReadOnlyList<FormProof> Forms, string? CardPath,
    string? ReaderPath)
{
    /// <summary>
    /// Where an emitted class's weights are: beside it under its name or, of the class for inference, which has none of its own, under that
    /// of the class it was made from.
    /// </summary>
    public static string WeightsOf(string sourcePath)
    {
        var own = Path.ChangeExtension(sourcePath, ".safetensors");
        var ending = new[] { FoldedForm.Ending, CSharpForm.Ending }.FirstOrDefault(
            ending => sourcePath.EndsWith(ending, StringComparison.Ordinal));
        var whole = ending is null ? own : sourcePath[..^ending.Length] + ".safetensors";
        return File.Exists(own) || !File.Exists(whole) ? own : whole;
    }
}

/// <summary>
/// Writes an architecture as a class of its own with its weights, and in other forms, each only where it is provably the same network.
/// </summary>
/// <param name="net">The trained supernet in 32 bits on the CPU.</param>
/// <param name="images">Images for BatchNorm's statistics and for the proof: [N, C, H, W] on the CPU.</param>
public sealed class WinnerEmitter(Supernet net, Tensor images)
{
    /// <summary>The weights' metadata that names the checkpoint that they are of, by its hash.</summary>
    public const string CheckpointKey = "checkpoint";

    /// <summary>Images of the proof, where there are so many; the statistics use all.</summary>
    public const int ProofImages = 32;

    /// <summary>Images on which the network's own rounding is measured.</summary>
    private const int RoundingImages = 4;

    private readonly NetworkPlan plan = SpacePlan.Of(net.SearchSpace);

    /// <summary>
    /// Pictures of any size, some of which the proof of what takes pictures is on; null for the images themselves, brought to bytes.
    /// </summary>
    public IReadOnlyList<Image>? Pictures { get; init; }

    /// <summary>How pixels became the images.</summary>
    public PixelRule Pixels { get; init; } = PixelRule.ImageNet;

    /// <summary>Called with the path of the weights before the proof; tests damage the file here.</summary>
    internal Action<string>? BeforeProof { get; init; }

    /// <summary>Called after each file that took its place; tests fail here.</summary>
    internal Action<string>? AfterFile { get; init; }

    /// <summary>
    /// Writes <c>CLASS.cs</c> and <c>CLASS.safetensors</c> into a folder and the other forms beside them, all or, where that fails, none:
    /// an earlier class of the name then stays as it was.
    /// </summary>
    /// <inheritdoc cref="Prove"/>
    public EmittedClass Emit(
        string folder, string className, string @namespace, Architecture architecture, int size, IEnumerable<string> provenance,
        IReadOnlyList<WinnerForm>? forms = null, CardFacts? facts = null, WinnerHead? head = null, bool sharesReader = false)
    {
        using var proven = Prove(folder, className, @namespace, architecture, size, provenance, forms, facts, head, sharesReader);
        ProvenWinner.Publish([proven]);
        return proven.Emitted;
    }

    /// <summary>Makes the class and its forms and proves them; <see cref="ProvenWinner.Publish"/> gives them their places.</summary>
    /// <param name="forms">What to write; the class alone where none are given.</param>
    /// <param name="facts">For the model card; none is written without.</param>
    /// <param name="head">Classes to tell apart; none where it is not given.</param>
    /// <param name="sharesReader">Whether the reader of weights is written once, for all classes of the namespace, and not within
    /// each.</param>
    /// <exception cref="UserException">The names are no names for a C# class.</exception>
    /// <exception cref="InvalidOperationException">The class does not equal its slice; nothing is written.</exception>
    public ProvenWinner Prove(
        string folder, string className, string @namespace, Architecture architecture, int size, IEnumerable<string> provenance,
        IReadOnlyList<WinnerForm>? forms = null, CardFacts? facts = null, WinnerHead? head = null, bool sharesReader = false)
    {
        EmittedNames.Check(net.SearchSpace, className, @namespace);
        var spec = new FixedClassSpec(
            className, @namespace, architecture.Choices.ToArray().ToEquatableArray(), size, provenance.Select(OneLine).ToEquatableArray(),
            head?.Classes
                ?? 0, SharesReader: sharesReader, Pictures: Preprocessing.OfBytes(Pixels));
        using var scope = NewDisposeScope();
        var headState = head?.State(plan, spec) ?? [];
        var publication = new Publication(folder, className) { AfterFile = AfterFile };
        var pictures = Pictured(spec);
        var draft = new WinnerDraft(plan, spec, publication.Unproven, Metadata(architecture, spec, facts))
        {
            Pictures = pictures,
            Shown = pictures.Count > 0 ? ProofPictures.Shown(pictures, size, Pixels) : null,
            Pixels = Pixels,
            Calibration = Unproven(),
        };
        using var statistics = net.Calibrate(architecture, [images]);
        try
        {
            publication.Stage();
            SafeTensors.Write(draft.Weights, SliceState.Of(net, plan, architecture, statistics).Concat(headState), draft.Metadata);
            BeforeProof?.Invoke(draft.Weights);
            var proofs = ProveForms(draft, forms ?? [WinnerForm.All[0]], architecture, statistics, [.. headState.Select(h => h.Tensor)]);
            if (facts is not null) ModelCard.Write(draft, proofs.Where(p => p.Holds), facts, net.SearchSpace);
            var emitted = new EmittedClass(
                className, Path.Combine(folder, className + ".cs"), Path.Combine(folder, className + ".safetensors"),
                proofs[0].MaxAbsDifference,
                [.. proofs.Select(p => p.In(folder))], facts is null
                    ? null
                    : Path.Combine(folder, className + ".md"),
                File.Exists(draft.Reader) ? Path.Combine(folder, Path.GetFileName(draft.Reader)) : null);
            return new(publication, emitted);
        }
        catch (Exception e)
        {
            publication.Discard();
            if (e is InvalidDataException)
                throw new InvalidOperationException($"{className} cannot be read back: not emitted ({e.Message})", e);
            throw;
        }
    }

    /// <summary>Some of the pictures; none of a network whose pictures are no bytes, or of other bands.</summary>
    private IReadOnlyList<Image> Pictured(FixedClassSpec spec) =>
        spec.PicturesOf(plan).Channels > 0 ? [.. (Pictures ?? ProofPictures.Of(images, Pixels)).Take(ProofPictures.Most)] : [];

    /// <summary>The images that the proof is not on, where those are as many as its own; otherwise all.</summary>
    private Tensor Unproven() =>
        images.shape[0] >= 2 * ProofImages ? images.narrow(0, ProofImages, images.shape[0] - ProofImages) : images;

    private List<FormProof> ProveForms(
        WinnerDraft draft, IReadOnlyList<WinnerForm> forms, Architecture architecture, NormStatistics statistics, Tensor[] head)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var proofImages = images.narrow(0, 0, Math.Min(ProofImages, images.shape[0]));
        var expected = Slice(architecture, statistics, proofImages, head);
        var rounding = new Lazy<double>(() => Rounding(draft, proofImages, expected));
        var expectedOfPictures = draft.Shown is { } shown ? Slice(architecture, statistics, shown, head) : [];
        var proofs = new List<FormProof>();
        foreach (var form in forms.Where(form => form.Applies(draft)))
        {
            using var one = NewDisposeScope();
            form.Write(draft);
            var slice = form.TakesPictures ? expectedOfPictures : expected;
            if (!form.GivesMaps) slice = Vectors(slice);
            var outputs = form.Run(draft, form.TakesPictures && draft.Shown is not null ? draft.Shown : proofImages);
            var proof = FormProof.Of(form, draft.File(form), slice, outputs.OfImages, rounding, draft.WeightsFile(form))
                .With(form, Vectors(outputs.ExpectedOfPictures ?? expectedOfPictures), outputs.OfPictures, rounding);
            proof = proof with { Remark = outputs.Remark };
            if (!proof.Holds && proofs.Count == 0) throw new InvalidOperationException(proof.Failure(draft.Spec.ClassName));
            if (!proof.Holds)
                foreach (var file in proof.Files) File.Delete(file);
            proofs.Add(proof);
        }
        return proofs;

        List<Tensor> Vectors(IReadOnlyList<Tensor> outputs) => [.. outputs.TakeLast(head.Length > 0 ? 2 : 1)];
    }

    /// <summary>
    /// The relative difference of the slice in 32 bits from the same network in 64, on a few of the images: libtorch has no fast
    /// convolution in 64 bits.
    /// </summary>
    private static double Rounding(WinnerDraft draft, Tensor proofImages, IReadOnlyList<Tensor> expected)
    {
        using var scope = NewDisposeScope();
        var images = Math.Min(RoundingImages, proofImages.shape[0]);
        using var exact = draft.Load(draft.Spec, draft.Weights, ScalarType.Float64);
        return FormProof.Relative(
            draft.Run(exact, proofImages.narrow(0, 0, images).to(ScalarType.Float64)),
            [.. expected.Select(output => output.narrow(0, 0, images))]);
    }

    /// <summary>What the supernet gives: the maps for dense tasks, a head's logits of the embedding, then the embedding.</summary>
    private List<Tensor> Slice(Architecture architecture, NormStatistics statistics, Tensor of, Tensor[] head)
    {
        var previous = net.Statistics;
        net.Statistics = statistics;
        try
        {
            var outputs = net.Features(of, architecture);
            var segments = net.SearchSpace.Segments;
            var embedding = Supernet.Pool(outputs[^1]);
            var maps = Enumerable.Range(1, segments.Count - 1).Where(i => segments[i].Tap.Length > 0).Select(i => Tokens.Map(outputs[i]));
            return [.. maps, .. head is [var weight, var bias] ? new[] { nn.functional.linear(embedding, weight, bias) } : [], embedding];
        }
        finally
        {
            net.Statistics = previous;
        }
    }

    private Dictionary<string, string> Metadata(Architecture architecture, FixedClassSpec spec, CardFacts? facts)
    {
        var metadata = new Dictionary<string, string>
        {
            ["architecture"] = architecture.ToString(),
            ["class"] = spec.ClassName,
            [FixedNetwork.SizeKey] = spec.Size.ToString(CultureInfo.InvariantCulture),
            ["space"] = $"{net.SearchSpace.Name} {net.SearchSpace.Hash}",
        };
        if (facts is not null) metadata.Add(CheckpointKey, facts.Checkpoint);
        metadata.Add(Preprocessing.Key, Preprocessing.Facts(spec.Size, Pixels).ToJsonString());
        return metadata;
    }

    /// <summary>Provenance ends in a comment of the source, which anything that C# takes for a line's end would close.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Split('\r', '\n', '\u0085', '\u2028', '\u2029'));
}
