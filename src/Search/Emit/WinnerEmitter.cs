using System.Globalization;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Model;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit;

/// <summary>What an emit wrote.</summary>
/// <param name="MaxAbsDifference">Largest absolute difference between the class and its supernet slice on the proof images.</param>
public sealed record EmittedClass(string ClassName, string SourcePath, string WeightsPath, double MaxAbsDifference);

/// <summary>Writes an architecture as a class of its own with its weights, and refuses where the two are not provably the same network.</summary>
/// <param name="net">The trained supernet in 32 bits on the CPU.</param>
/// <param name="images">Images for BatchNorm's statistics and for the proof: [N, 3, H, W] on the CPU.</param>
public sealed class WinnerEmitter(Supernet net, Tensor images)
{
    /// <summary>Images of the proof; the statistics use all.</summary>
    private const int ProofImages = 16;

    private readonly NetworkPlan plan = FixedNetwork.PlanOf(net.SearchSpace);

    /// <summary>Called with the path of the weights before the proof; tests damage the file here.</summary>
    internal Action<string>? BeforeProof { get; init; }

    /// <summary>Writes <c>CLASS.cs</c> and <c>CLASS.safetensors</c> into a folder, both or none.</summary>
    /// <exception cref="UserException">The names are no names for a C# class.</exception>
    /// <exception cref="InvalidOperationException">The class does not equal its slice; nothing is written.</exception>
    public EmittedClass Emit(string folder, string className, string @namespace, Architecture architecture, int size, IEnumerable<string> provenance)
    {
        EmittedNames.Check(net.SearchSpace, className, @namespace);
        var sourcePath = Path.Combine(folder, className + ".cs");
        var weightsPath = Path.Combine(folder, className + ".safetensors");
        var source = SpaceCompiler.EmitFixedClass(plan, new(className, @namespace, architecture.Choices.ToArray().ToEquatableArray(), size, provenance.Select(OneLine).ToEquatableArray()));
        using var statistics = net.Calibrate(architecture, [images]);
        var unproven = weightsPath + ".unproven";
        try
        {
            SafeTensors.Write(unproven, SliceState.Of(net, plan, architecture, statistics), new Dictionary<string, string>
            {
                ["architecture"] = architecture.ToString(),
                ["class"] = className,
                [FixedNetwork.SizeKey] = size.ToString(CultureInfo.InvariantCulture),
            });
            BeforeProof?.Invoke(unproven);
            using var proofImages = images.narrow(0, 0, Math.Min(ProofImages, images.shape[0]));
            var difference = FixedClassProof.MaxAbsDifference(source, $"{@namespace}.{className}", unproven, net, architecture, statistics, proofImages);
            if (difference > 0)
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{className} differs from its supernet slice by {difference:g3}: not emitted"));
            WriteBoth(unproven, weightsPath, sourcePath, source);
            return new(className, sourcePath, weightsPath, difference);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException($"{className} cannot load its own weights: not emitted ({e.Message})", e);
        }
        finally
        {
            File.Delete(unproven);
        }
    }

    private static void WriteBoth(string unproven, string weightsPath, string sourcePath, string source)
    {
        File.Move(unproven, weightsPath, overwrite: true);
        try
        {
            AtomicFile.WriteText(sourcePath, source);
        }
        catch
        {
            File.Delete(weightsPath);
            throw;
        }
    }

    /// <summary>Provenance ends in a comment of the source, which anything that C# takes for a line's end would close.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Split('\r', '\n', '\u0085', '\u2028', '\u2029'));
}
