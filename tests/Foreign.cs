using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

/// <summary>Files of weights as other programs write them.</summary>
internal static class Foreign
{
    /// <summary>
    /// Gives a safetensors file other metadata, its tensors as they were; none, as the format's own library writes it, where none are
    /// given. A value that is null is left out.
    /// </summary>
    public static void Rewrite(string path, Dictionary<string, string?>? metadata = null)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = (JsonObject)JsonNode.Parse(bytes.AsSpan(8, length))!;
        header.Remove("__metadata__");
        if (metadata is not null)
            header.Insert(
                0, "__metadata__",
                new JsonObject(metadata.Where(m => m.Value is not null).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))));
        Write(path, Encoding.UTF8.GetBytes(header.ToJsonString()), bytes.AsSpan(8 + length));
    }

    /// <summary>A safetensors file of a header and values.</summary>
    public static void Write(string path, ReadOnlySpan<byte> header, ReadOnlySpan<byte> values)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. values]);
    }
}
