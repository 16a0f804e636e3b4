namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Parameters and persistent buffers by dotted name, in PyTorch's order: a module's own before its children's.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in _parameters_)
                {
                    if (parameter is not null)
                        destination.TryAdd(start + name, parameter);
                }
                foreach (var (name, (tensor, persistent)) in _buffers_)
                {
                    if (persistent)
                        destination.TryAdd(start + name, tensor);
                }
                foreach (var (name, child) in _modules_)
                    child.state_dict(destination, start + name);
                return destination;
            }

            /// <summary>
            /// Copies values into this module's parameters and buffers. Strict loading refuses missing and unexpected names; lenient loading returns them.
            /// </summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var skipped = skip ?? [];
                var state = state_dict();
                List<string> missing = [.. state.Keys.Where(name => !source.ContainsKey(name) && !skipped.Contains(name))];
                List<string> unexpected = [.. source.Keys.Where(name => !state.ContainsKey(name) && !skipped.Contains(name))];
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new InvalidOperationException(
                        $"The loaded state_dict is not identical to the target dictionary. Missing: {Listed(missing)}. Unexpected: {Listed(unexpected)}.");
                }
                using var noGrad = no_grad();
                foreach (var (name, target) in state)
                {
                    if (!skipped.Contains(name) && source.TryGetValue(name, out var value))
                        Load(name, target, value);
                }
                return (missing, unexpected);
            }

            private static void Load(string name, Tensor target, Tensor value)
            {
                if (!target.shape.AsSpan().SequenceEqual(value.shape))
                    throw new ArgumentException($"{name} has the shape [{string.Join(", ", target.shape)}]; [{string.Join(", ", value.shape)}] was given.");
                target.copy_(value);
            }

            private static string Listed(List<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
        }
    }
}
