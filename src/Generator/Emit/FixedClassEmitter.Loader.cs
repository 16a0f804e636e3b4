using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>A loader for safetensors files, so that an emitted file needs nothing beside the TorchSharp API.</summary>
    private void EmitLoader()
    {
        w.Line("/// <summary>");
        w.Line("/// Loads weights of 32 or 16 bits from a safetensors file with this network's keys"
            + (spec.Head == 0 ? "; keys of other parts (a classification head) are passed over." : "; a file without the head leaves it as it is."));
        if (norms.Count > 0) w.Line("/// The file is the one that the class with BatchNorm loads: each norm is folded into its convolution here, in 64 bits.");
        w.Line("/// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or the file is damaged.");
        w.Line("/// </summary>");
        w.Block($"public {spec.ClassName} load_safetensors(string path)", () =>
        {
            w.Line("var weights = new Weights(path);");
            w.Line("using var grad = no_grad();");
            if (norms.Count > 0) w.Line(FoldBody);
            w.Line(CopyBody.Replace("SKIPPED", string.Join(" || ", Skipped())));
            w.Line("weights.MustBeAllRead(state_dict().Keys);");
            w.Line("return this;");
        });
        w.Line();
        if (norms.Count > 0) EmitNorms();

        string[] Skipped() =>
        [
            .. norms.Count > 0 ? new[] { "folded.Contains(key)" } : [KeyEnds("num_batches_tracked")],
            .. spec.Head > 0 ? new[] { $"(key.StartsWith({Names.Literal(HeadNode.Name + ".")}, StringComparison.Ordinal) && !weights.Has(key))" } : [],
        ];
    }

    /// <summary>What is folded into what, a line for each block.</summary>
    private void EmitNorms()
    {
        w.Summary("The convolutions, each with the BatchNorm that is folded into it.");
        w.List("private static readonly (string Convolution, string Norm)[] Norms =", () =>
        {
            foreach (var block in norms.GroupBy(n => n.Block)) w.Line(string.Join(" ", block.Select(n => $"({Names.Literal(n.Convolution)}, {Names.Literal(n.Norm)}),")));
        });
        w.Line();
    }

    private static string KeyEnds(string suffix) => $"key.EndsWith({Names.Literal(suffix)}, StringComparison.Ordinal)";

    private void EmitWeights()
    {
        w.Line();
        w.Summary("The tensors of a safetensors file: a length, a JSON header, the values.");
        w.Block("private sealed class Weights", () => w.Line(WeightsBody));
    }

    private const string CopyBody = """
        foreach (var (key, target) in state_dict())
        {
            if (SKIPPED) continue;
            using var values = weights.Take(key, target.shape);
            target.copy_(values);
        }
        """;

    private const string FoldBody = """
        var (state, folded) = (state_dict(), new HashSet<string>());
        foreach (var (convolution, norm) in Norms)
        {
            using var scope = NewDisposeScope();
            var (weight, bias) = (state[convolution + ".weight"], state[convolution + ".bias"]);
            var variance = weights.Take(norm + ".running_var", bias.shape).to(ScalarType.Float64);
            var scale = weights.Take(norm + ".weight", bias.shape) / (variance + 1e-5).sqrt();
            weight.copy_(weights.Take(convolution + ".weight", weight.shape) * scale.reshape(-1, 1, 1, 1));
            bias.copy_(weights.Take(norm + ".bias", bias.shape) - weights.Take(norm + ".running_mean", bias.shape) * scale);
            folded.Add(convolution + ".weight");
            folded.Add(convolution + ".bias");
        }
        """;

    private const string WeightsBody = """
        private readonly string path;
        private readonly byte[] file;
        private readonly int start;
        private readonly JsonElement header;
        private readonly HashSet<string> unread = [];

        public Weights(string path)
        {
            (this.path, file) = (path, File.ReadAllBytes(path));
            var length = file.Length >= 8 ? BitConverter.ToInt64(file) : -1;
            if (length < 2 || length > file.Length - 8) throw Refusal("not a safetensors file");
            start = 8 + (int)length;
            try
            {
                using var json = JsonDocument.Parse(file.AsMemory(8, (int)length));
                header = json.RootElement.Clone();
                foreach (var entry in header.EnumerateObject()) unread.Add(entry.Name);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw Refusal($"not a safetensors file ({e.Message})");
            }
            unread.Remove("__metadata__");
            if (header.TryGetProperty("__metadata__", out var metadata) && Text(metadata, "checksum") is { Length: > 0 } checksum) Verify(checksum);
        }

        public bool Has(string key) => header.TryGetProperty(key, out _);

        /// <summary>The values of a tensor in 32 bits.</summary>
        public Tensor Take(string key, long[] shape)
        {
            if (!header.TryGetProperty(key, out var entry)) throw Refusal($"no tensor '{key}'");
            unread.Remove(key);
            var count = 1L;
            foreach (var side in shape) count *= side;
            var text = string.Join(", ", shape);
            var type = Text(entry, "dtype");
            if (type is not ("F32" or "F16" or "BF16") || Text(entry, "shape").Replace(" ", "") != $"[{text.Replace(" ", "")}]")
                throw Refusal($"'{key}' is not a tensor of 32-bit or 16-bit numbers of shape [{text}]");
            var place = Text(entry, "data_offsets").Trim('[', ']').Split(',');
            if (place.Length != 2 || !long.TryParse(place[0], out var from) || !long.TryParse(place[1], out var to)
                || from < 0 || to - from != count * (type == "F32" ? 4 : 2) || to > file.Length - start)
                throw Refusal($"'{key}' is cut short");
            var bytes = file.AsSpan(start + (int)from, (int)(to - from));
            var values = new float[count];
            if (type == "F32") bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            else
                for (var i = 0; i < values.Length; i++)
                {
                    var bits = BitConverter.ToUInt16(bytes[(2 * i)..]);
                    values[i] = type == "F16" ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16);
                }
            return tensor(values, shape);
        }

        /// <summary>Another architecture's file may hold all that this network asks for, and more: then one of its tensors below this network's names is left.</summary>
        public void MustBeAllRead(IEnumerable<string> keys)
        {
            var parts = new HashSet<string>();
            foreach (var key in keys) parts.Add(key.Split('.')[0]);
            foreach (var key in unread)
                if (parts.Contains(key.Split('.')[0]) && !key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    throw Refusal($"'{key}' is no tensor of this network: weights of another architecture");
        }

        /// <summary>The checksum is taken of everything behind the length, with zeros in the place of itself.</summary>
        private void Verify(string checksum)
        {
            var place = file.AsSpan(8, start - 8).IndexOf(Encoding.UTF8.GetBytes(checksum));
            if (place >= 0) file.AsSpan(8 + place, checksum.Length).Fill((byte)'0');
            if (Convert.ToHexStringLower(SHA256.HashData(file.AsSpan(8))) != checksum) throw Refusal("its content does not have its checksum");
        }

        private static string Text(JsonElement entry, string name) => entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value) ? value.GetRawText().Trim('"') : "";

        private InvalidDataException Refusal(string why) => new($"{path}: {why}");
        """;
}
