namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>A loader for safetensors files, so that an emitted file needs nothing beside the TorchSharp API.</summary>
    private void EmitLoader()
    {
        w.Line("/// <summary>");
        w.Line(spec.Head == 0
            ? "/// Loads 32-bit weights from a safetensors file with this network's keys; keys of other parts (a classification head) are passed over."
            : "/// Loads 32-bit weights from a safetensors file with this network's keys; a file without the head leaves it as it is.");
        w.Line("/// Throws InvalidDataException where a tensor is missing, has another shape or type, or the file is damaged.");
        w.Line("/// </summary>");
        w.Block($"public {spec.ClassName} load_safetensors(string path)", () => w.Line(LoaderBody.Replace("SKIPPED", spec.Head == 0 ? "" : $" || key.StartsWith({Names.Literal(HeadNode.Name + ".")}, StringComparison.Ordinal)")));
        w.Line();
    }

    private const string LoaderBody = """
        var file = File.ReadAllBytes(path);
        var length = file.Length >= 8 ? BitConverter.ToInt64(file) : -1;
        if (length < 2 || length > file.Length - 8) throw new InvalidDataException($"{path}: not a safetensors file");
        using var header = Header(path, file.AsMemory(8, (int)length));
        if (header.RootElement.TryGetProperty("__metadata__", out var metadata) && metadata.TryGetProperty("checksum", out var checksum))
        {
            // Taken of everything behind the length, with zeros in the place of itself.
            var expected = checksum.GetString()!;
            file.AsSpan(8 + file.AsSpan(8, (int)length).IndexOf(System.Text.Encoding.UTF8.GetBytes(expected)), expected.Length).Fill((byte)'0');
            if (Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file.AsSpan(8))) != expected)
                throw new InvalidDataException($"{path}: its content does not have its checksum");
        }
        using var grad = no_grad();
        foreach (var (key, target) in state_dict())
        {
            if (!header.RootElement.TryGetProperty(key, out var entry))
            {
                if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal)SKIPPED) continue;
                throw new InvalidDataException($"{path}: no tensor '{key}'");
            }
            if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
            var shape = new List<long>();
            foreach (var side in entry.GetProperty("shape").EnumerateArray()) shape.Add(side.GetInt64());
            if (entry.GetProperty("dtype").GetString() != "F32" || string.Join(",", shape) != string.Join(",", target.shape))
                throw new InvalidDataException($"{path}: '{key}' is not a 32-bit tensor of shape [{string.Join(", ", target.shape)}]");
            var offsets = entry.GetProperty("data_offsets");
            var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            var values = new float[target.numel()];
            if (start < 0 || end - start != 4L * values.Length || end > file.Length - 8 - length) throw new InvalidDataException($"{path}: '{key}' is cut short");
            file.AsSpan((int)(8 + length + start), (int)(end - start)).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            using var source = tensor(values, target.shape);
            target.copy_(source);
        }
        return this;

        static JsonDocument Header(string path, ReadOnlyMemory<byte> text)
        {
            try
            {
                var header = JsonDocument.Parse(text);
                return header.RootElement.ValueKind == JsonValueKind.Object ? header : throw new JsonException("not an object");
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path}: not a safetensors file ({e.Message})", e);
            }
        }
        """;
}
