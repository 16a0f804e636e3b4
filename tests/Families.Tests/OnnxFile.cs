using DataSsl.Tests;
using Google.Protobuf;

namespace DataSsl.Families.Tests;

/// <summary>What others find in an ONNX file of ours.</summary>
internal static class OnnxFile
{
    /// <summary>
    /// The <c>metadata_props</c> as they stand in the file, a key that stands twice among them twice: ONNX Runtime would show it once.
    /// </summary>
    public static IReadOnlyList<(string Key, string Value)> Metadata(string path) =>
        [
            .. Messages(File.ReadAllBytes(path), 14)
                .Select(entry => (Messages(entry, 1).Single().ToStringUtf8(), Messages(entry, 2).Single().ToStringUtf8())),
        ];

    /// <summary>
    /// What ONNX's checker says against each model of a folder, by file name; nothing where all is well. Skips the test where the checker
    /// is missing.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Check(string folder) => Python.Run(["onnx"], """
        import glob, os, sys, onnx
        for path in glob.glob(sys.argv[1] + '/*.onnx'):
            try:
                onnx.checker.check_model(onnx.load(path), full_check=True)
            except Exception as e:
                print(os.path.basename(path) + '\t' + ' '.join(str(e).split()))
        """, folder).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(line => line[0], line => line[1]);

    /// <summary>The fields of a number, of a message in which they are messages or strings.</summary>
    private static IEnumerable<ByteString> Messages(ByteString message, int field) => Messages(message.ToByteArray(), field);

    private static List<ByteString> Messages(byte[] message, int field)
    {
        var (input, found) = (new CodedInputStream(message), new List<ByteString>());
        while (input.ReadTag() is var tag && tag != 0)
            if (WireFormat.GetTagFieldNumber(tag) == field) found.Add(input.ReadBytes());
            else input.SkipLastField();
        return found;
    }
}
