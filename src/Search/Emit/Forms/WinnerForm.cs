using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// A form of a winner that its user takes away: the file it is, how it is run, and how near it must come to the supernet's slice.
/// </summary>
public abstract class WinnerForm
{
    /// <summary>The class comes first: its weights are what the others are made from.</summary>
    public static IReadOnlyList<WinnerForm> All { get; } =
    [
        new ClassForm(), new FoldedForm(), new OnnxForm(half: false), new CSharpForm(), new OnnxPicturesForm(), new FilesForm(),
        new HalfForm(), new OnnxForm(half: true), new OnnxInt8Form(), new CSharpInt8Form(),
    ];

    /// <summary>Those that are written unless others are asked for.</summary>
    public static IReadOnlyList<WinnerForm> Usual { get; } = [.. All.Take(3)];

    /// <summary>Its word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What <see cref="FormProof.RelativeDifference"/> may be.</summary>
    public abstract double Tolerance { get; }

    /// <summary>
    /// What <see cref="FormProof.NeighbourAgreement"/> must be at the least: rounding to few bits may turn many embeddings a little, or a
    /// few into others' place.
    /// </summary>
    public virtual double LeastAgreement => 0;

    /// <summary>
    /// It computes what the class computes, in 32 bits but in another order: where the network itself loses more to rounding than the
    /// tolerance, so may the form.
    /// </summary>
    internal virtual bool IsRounded => true;

    /// <summary>The file of a class's form.</summary>
    public abstract string FileName(string className);

    /// <summary>The file of its own weights; null of a form that has them within, or takes the class's.</summary>
    public virtual string? WeightsName(string className) => null;

    /// <summary>
    /// The forms of a list such as <c>class,onnx</c>, in the order of <see cref="All"/>, the class always among them; a
    /// <see cref="UserException"/> for unknown ones.
    /// </summary>
    public static IReadOnlyList<WinnerForm> Parse(string list) => FormList.Parse(list, All, form => form.Name);

    /// <summary>Whether it takes nothing but pictures, and is proven on those.</summary>
    public virtual bool TakesPictures => false;

    /// <summary>Whether it gives the maps for dense tasks too, before a head's logits and the embedding.</summary>
    internal virtual bool GivesMaps => true;

    /// <summary>Whether a network has this form as something of its own.</summary>
    internal virtual bool Applies(WinnerDraft draft) => true;

    /// <summary>Writes the form's file into the draft's folder.</summary>
    internal abstract void Write(WinnerDraft draft);

    /// <summary>What the written form gives for images [N, C, H, W].</summary>
    /// <exception cref="InvalidDataException">It cannot be read back.</exception>
    internal abstract FormOutputs Run(WinnerDraft draft, Tensor images);
}

/// <summary>What a form gave.</summary>
/// <param name="OfImages">The maps for dense tasks, a head's logits, then the embedding.</param>
/// <param name="OfPictures">What its own methods gave for the draft's pictures: a head's logits, then the embedding; null of a form that
/// has no such methods, and where there are no pictures.</param>
/// <param name="Remark">What the file says of how it was made; null for nothing.</param>
internal sealed record FormOutputs(IReadOnlyList<Tensor> OfImages, IReadOnlyList<Tensor>? OfPictures = null, string? Remark = null)
{
    /// <summary>
    /// As <see cref="OfImages"/>, what pictures are held against: what the form gives itself for the images that evaluation makes of them;
    /// null for what the slice gives.
    /// </summary>
    public IReadOnlyList<Tensor>? ExpectedOfPictures { get; init; }
}
