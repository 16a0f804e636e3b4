using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Search.Emit.Dense;

/// <summary>What the sources of emitted detectors and segmenters have in common.</summary>
internal static class DenseSource
{
    public static string File(DenseSpec spec, string summary, string output, string members) => $$"""
        {{Header(spec)}}#nullable enable
        #pragma warning disable CA1707 // Members are named as TorchSharp names its own.

        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Security.Cryptography;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        namespace {{spec.Network.Namespace}};

        /// <summary>
        /// {{summary}}
        /// Images are RGB from 0 to 1, less the mean, over the deviation.
        /// </summary>
        public sealed class {{spec.ClassName}} : Module<Tensor, {{output}}>
        {
        {{Indented(members)}}
        }

        """.ReplaceLineEndings("\n");

    /// <summary>What an emitted class says of its classes and images, in C#.</summary>
    public static string Facts(DenseSpec spec) => $$"""
        /// <summary>What labels stand for.</summary>
        public static IReadOnlyList<string> Classes { get; } = [{{string.Join(", ", spec.Head.Classes.Select(Literal))}}];

        /// <summary>Side in pixels of the square that an image lies in, of the forms that are of one size.</summary>
        public const int Side = {{spec.Network.Size}};

        /// <summary>Pixels of an image's short side, and, where the long one would have more than it may, of that.</summary>
        public const int ShortSide = {{spec.Images.ShortSide}}, LongSide = {{spec.Images.LongSide}};

        /// <summary>Of red, green and blue from 0 to 1: what is subtracted, and what divides after that.</summary>
        public static IReadOnlyList<float> Mean { get; } = [{{Floats(spec.Images.Mean)}}];

        /// <inheritdoc cref="Mean"/>
        public static IReadOnlyList<float> Deviation { get; } = [{{Floats(spec.Images.Deviation)}}];
        """;

    /// <summary>Numbers of 32 bits in C#.</summary>
    public static string Floats<T>(IEnumerable<T> values) where T : IFormattable =>
        string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture) + "f"));

    /// <summary>Takes a file of weights whole, or nothing of it.</summary>
    public static string Loader(DenseSpec spec) => $$"""
        /// <summary>
        /// Loads weights of 32 or 16 bits from a safetensors file with this network's keys. Throws InvalidDataException where a tensor is
        /// missing, has another shape or type or belongs to another network, or the file is damaged.
        /// </summary>
        public {{spec.ClassName}} load_safetensors(string path)
        {
            var weights = new WeightsFile(path, bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));
            var (state, loaded) = (state_dict(), new Dictionary<string, Tensor>());
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            foreach (var (key, target) in state)
                if (!key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    loaded[key] = tensor(weights.Read(key, target.shape), target.shape);
            weights.MustBeAllRead();
            foreach (var (key, values) in loaded) state[key].copy_(values);
            is_checked = weights.IsChecked;
            return this;
        }

        /// <summary>Whether the file that was loaded has a checksum, which it has passed.</summary>
        public bool is_checked { get; private set; }
        """;

    /// <summary>The same of a class that needs nothing but .NET.</summary>
    public static string PureLoader(DenseSpec spec) => $$"""
        /// <summary>Whether the file of weights has a checksum, which it has passed.</summary>
        public bool IsChecked { get; }

        /// <summary>Loads the weights of {{spec.ClassName}}, of 32 or 16 bits, and prepares them for this machine.</summary>
        /// <param name="path">A safetensors file.</param>
        /// <param name="threads">Threads that share the work of each image.</param>
        /// <param name="vectorBits">128, 256 or 512; 0 for the widest that the machine has.</param>
        /// <exception cref="InvalidDataException">A tensor is missing, has another shape or type, or is not finite or of another network; or
        /// the file is damaged.</exception>
        public static {{spec.PureName}} Load(string path, int threads = 1, int vectorBits = 0)
        {
            var weights = new Weights(path);
            var machine = new Machine(threads, vectorBits);
            try
            {
                var network = new {{spec.PureName}}(weights, machine);
                weights.MustBeAllRead();
                return network;
            }
            catch
            {
                machine.Dispose();
                throw;
            }
        }

        /// <summary>Ends the threads.</summary>
        public void Dispose() => machine.Dispose();
        """;

    /// <summary>C2 to C5 as an array, from images <c>x</c>: a statement.</summary>
    public static string Maps(DenseSpec spec) => spec.HasScales
        ? $"var maps = scales.Maps({Features(spec, "backbone.features(x)", spec.Maps[0].Tap)});"
        : $"var c = backbone.features(x);\nTensor[] maps = [{string.Join(", ", spec.Maps.Select(map => $"c.{map.Tap}"))}];";

    /// <summary>The field that brings a transformer's map to four scales; empty for other backbones.</summary>
    public static string ScalesField(DenseSpec spec) => spec.HasScales ? "private readonly Scales scales;\n" : "";

    public static string ScalesNew(DenseSpec spec) =>
        spec.HasScales ? $"scales = new({spec.Channels[3]}, device, dtype);\n    " : "";

    public static string ScalesClass(DenseSpec spec) => spec.HasScales ? "\n\n" + """
        /// <summary>A transformer's one map at four scales (Li et al. 2022, ViTDet, section 3).</summary>
        private sealed class Scales : Module<Tensor, Tensor>
        {
            private readonly ConvTranspose2d quarter_in, quarter_out, half;
            private readonly LayerNorm quarter_norm;

            public Scales(int channels, Device? device, ScalarType? dtype) : base(nameof(Scales))
            {
                quarter_in = ConvTranspose2d(channels, channels / 2, 2, 2, device: device, dtype: dtype);
                quarter_norm = LayerNorm(channels / 2, device: device, dtype: dtype);
                quarter_out = ConvTranspose2d(channels / 2, channels / 4, 2, 2, device: device, dtype: dtype);
                half = ConvTranspose2d(channels, channels / 2, 2, 2, device: device, dtype: dtype);
                RegisterComponents();
            }

            public Tensor[] Maps(Tensor map) => [forward(map), half.call(map), map, functional.max_pool2d(map, 2)];

            /// <summary>At four times the height and width: [N, C, H, W] -> [N, C / 4, 4 H, 4 W].</summary>
            public override Tensor forward(Tensor x)
            {
                using var scope = NewDisposeScope();
                var y = quarter_norm.call(quarter_in.call(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
                return quarter_out.call(functional.gelu(y)).MoveToOuterDisposeScope();
            }
        }
        """ : "";

    public static string Header(DenseSpec spec) => string.Concat(spec.Network.Provenance.Select(line => $"// {line}\n"));

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>One level deeper; empty lines stay empty.</summary>
    public static string Indented(string text, int levels = 1) =>
        string.Join(
            '\n',
            text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Length == 0 ? "" : new string(' ', 4 * levels) + line));

    /// <summary>Statements as they stand within a method, behind what stands before the first.</summary>
    public static string Deeper(string statements) => Indented(statements).TrimStart();

    /// <summary>A tuple of one is no tuple in C#.</summary>
    private static string Features(DenseSpec spec, string call, string tap) => spec.Plan.Taps.Count() == 1 ? call : $"{call}.{tap}";
}
