using System.Diagnostics;

namespace DataSsl.Search.Tests;

/// <summary>Runs Debian's PyTorch, where it is installed, as the reference to compare with.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>The safetensors format by hand, in a dozen lines: the format's own package need not be there.</summary>
    public const string SafeTensors = """
        import json, struct
        import numpy, torch

        TYPES = {'F32': numpy.float32, 'I64': numpy.int64}

        def write(path, tensors):
            header, blobs, end = {}, [], 0
            for name, value in tensors.items():
                array = value.detach().contiguous().numpy()
                kind = next(k for k, t in TYPES.items() if t == array.dtype)
                header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [end, end + array.nbytes]}
                end += array.nbytes
                blobs.append(array.tobytes())
            text = json.dumps(header).encode()
            with open(path, 'wb') as file:
                file.write(struct.pack('<q', len(text)) + text + b''.join(blobs))

        def read(path):
            with open(path, 'rb') as file:
                raw = file.read()
            length = struct.unpack('<q', raw[:8])[0]
            header, data, tensors = json.loads(raw[8:8 + length]), raw[8 + length:], {}
            for name, entry in header.items():
                if name == '__metadata__': continue
                start, end = entry['data_offsets']
                array = numpy.frombuffer(data[start:end], TYPES[entry['dtype']]).reshape(entry['shape'])
                tensors[name] = torch.from_numpy(array.copy())
            return tensors

        """;

    private static readonly Lazy<bool> Installed = new(() => File.Exists(Interpreter) && Start("import torchvision, numpy", ".").ExitCode == 0);

    /// <summary>Runs a script in a folder and returns what it prints; skips the test where the reference is not installed.</summary>
    public static string Run(string script, string folder)
    {
        Skip.IfNot(Installed.Value, "python3-torchvision is not installed");
        var (exitCode, output, error) = Start(SafeTensors + script, folder);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static (int ExitCode, string Output, string Error) Start(string script, string folder)
    {
        var info = new ProcessStartInfo(Interpreter, ["-c", script]) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
