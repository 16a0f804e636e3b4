using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Emitting;

/// <summary>How classes are emitted, whichever.</summary>
/// <param name="Folder">Where they go; made if missing, once everything else is found to be in order.</param>
public sealed record EmitSettings(string Folder)
{
    /// <summary>The classes' namespace, where nothing else is said.</summary>
    public const string DefaultNamespace = "DataSsl.Models";

    /// <summary>The classes' namespace.</summary>
    public string Namespace { get; init; } = DefaultNamespace;

    /// <summary>What is written of each.</summary>
    public IReadOnlyList<WinnerForm> Forms { get; init; } = WinnerForm.Usual;

    /// <summary>The weights' licence, for the model cards.</summary>
    public string License { get; init; } = CardFacts.NoLicense;

    /// <summary>Classes of a head; null for none.</summary>
    public int? Head { get; init; }

    /// <summary>Whether the reader of weights is one file for all classes, and not within each.</summary>
    public bool SharesReader { get; init; }

    /// <summary>Images for statistics and proof; null for those that the network is from.</summary>
    public string? Data { get; init; }

    /// <summary>A head of random weights, to be trained; null where none is asked for.</summary>
    internal WinnerHead? NewHead(long seed) => Head is { } classes ? new(classes, seed) : null;

    /// <summary>Tells which forms are left out, as the network's pictures do not come as bytes of one or three channels.</summary>
    internal void TellOfLeftOut(PixelRule pixels)
    {
        if (Preprocessing.TakesBytes(pixels)) return;
        foreach (var form in Forms.Where(form => form.TakesPictures))
            Notices.Tell(
                $"{form.Name}: left out: it takes pictures of grey or of red, green and blue in bytes, and this network is shown {pixels.Format}; the other forms take images that are normalised already");
    }

    /// <summary>
    /// The images of statistics and proof [N, C, S, S], and as many of the pictures that they are of as a proof takes. Too few to say what
    /// they are for is told: a difference that these do not show, others may.
    /// </summary>
    /// <param name="pixels">As the run read them.</param>
    /// <param name="mend">What to give for more.</param>
    /// <param name="pictures">Those pictures.</param>
    internal static Tensor Proof(
        ImageSource images, int count, int size, long seed, PixelRule pixels, string mend, out IReadOnlyList<Image> pictures)
    {
        var store = Images.Whole(Images.Sample(images, count, seed), pixels);
        if (store.Count < WinnerEmitter.ProofImages)
            Notices.Tell(
                $"BatchNorm's statistics and the proof rest on {Wording.Count(store.Count, "image")} alone; {mend} for {WinnerEmitter.ProofImages} or more");
        pictures = store.Get([.. Enumerable.Range(0, Math.Min(store.Count, ProofPictures.Most))]).Images;
        return Images.Views(store, ViewRecipe.CenterCrop(size), seed, CPU);
    }
}
