using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A form of a detector or segmenter beside the network that was trained, on images.</summary>
/// <param name="Form">Its word.</param>
/// <param name="Path">Its file.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Largest">The largest distance of boxes' edges in pixels, or the logits' relative difference.</param>
/// <param name="Missed">Boxes that only one of both has, or pixels of another class.</param>
/// <param name="Text">The same in words.</param>
/// <param name="Holds">Whether it was written.</param>
public sealed record DenseProof(string Form, string Path, long Bytes, double Largest, int Missed, string Text, bool Holds)
{
    /// <summary>Why it was not, in one line.</summary>
    public string Failure(string className) =>
        $"{className}: its form '{Form}' differs from the network that was trained ({Text}): not written";
}

/// <summary>What an emit of a detector or segmenter wrote.</summary>
/// <param name="Files">All in their places, the class first.</param>
/// <param name="Forms">Every form asked for, the class first; those whose proof does not hold were not written.</param>
public sealed record EmittedDense(string ClassName, IReadOnlyList<string> Files, IReadOnlyList<DenseProof> Forms);

/// <summary>
/// Writes a detector or segmenter as classes, weights and an ONNX model, each only where it finds what the trained one finds.
/// </summary>
/// <param name="state">The weights and buffers, by the emitted class's keys.</param>
/// <param name="metadata">What the weights and the ONNX model say of their origin.</param>
public sealed class DenseEmitter(
    DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<string, string> metadata)
{
    /// <summary>Called with the path of each form before its proof; tests damage it here.</summary>
    internal Action<string>? BeforeProof { get; init; }

    /// <summary>
    /// Writes the files into a folder, all or, where that fails, none: an earlier class of the name then stays as it was.
    /// </summary>
    /// <param name="forms">What to write, the class among them.</param>
    /// <param name="images">[N, 3, S, S] on the CPU, S the spec's; a smaller image lies in the upper left corner.</param>
    /// <param name="sizes">Of the images within.</param>
    /// <param name="expected">What the trained network gives for them.</param>
    /// <exception cref="UserException">The names are no names for a C# class.</exception>
    /// <exception cref="InvalidOperationException">The class does not equal the network; nothing is written.</exception>
    public EmittedDense Emit(
        string folder, IReadOnlyList<DenseForm> forms, Tensor images, IReadOnlyList<(int Height, int Width)> sizes, DenseOutput expected)
    {
        DenseNames.Check(spec);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var publication = new Publication(folder, spec.ClassName);
        var draft = new DenseDraft(spec, publication.Unproven, metadata);
        try
        {
            publication.Stage();
            SafeTensors.Write(draft.Weights, state.Select(entry => (entry.Key, entry.Value)), metadata);
            var proofs = forms.Select(form => Prove(draft, form, images, sizes, expected)).ToList();
            var files = new[] { draft.File(DenseForm.Class), draft.Backbone, draft.Reader, draft.Weights }
                .Concat(forms.Zip(proofs).Where(f => f.Second.Holds).Select(f => draft.File(f.First)))
                .Select(path => Path.GetFileName(path)!).Distinct().ToList();
            Publish(publication, files, forms.Zip(proofs).Where(f => !f.Second.Holds).Select(f => Path.GetFileName(draft.File(f.First))));
            return new(
                spec.ClassName, [.. files.Select(file => Path.Combine(folder, file))],
                [.. proofs.Select(proof => proof with { Path = Path.Combine(folder, Path.GetFileName(proof.Path)) })]);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException($"{spec.ClassName} cannot be read back: not emitted ({e.Message})", e);
        }
        finally
        {
            publication.Discard();
        }
    }

    private DenseProof Prove(
        DenseDraft draft, DenseForm form, Tensor images, IReadOnlyList<(int Height, int Width)> sizes, DenseOutput expected)
    {
        using var scope = NewDisposeScope();
        form.Write(draft, state);
        BeforeProof?.Invoke(draft.File(form));
        var difference = expected.Against(form.Run(draft, images, sizes), spec.Head);
        var path = draft.File(form);
        var proof = new DenseProof(
            form.Name, path, new FileInfo(path).Length, difference.Largest, difference.Missed, difference.Text, difference.Holds);
        // The others read its weights.
        if (!proof.Holds && form == DenseForm.Class) throw new InvalidOperationException(proof.Failure(spec.ClassName));
        return proof;
    }

    private static void Publish(Publication publication, IReadOnlyList<string> files, IEnumerable<string> withdrawn)
    {
        try
        {
            publication.Place(files, withdrawn);
        }
        catch
        {
            publication.TakeBack();
            throw;
        }
        publication.Commit();
    }
}
