using DataSsl.Peers;
using DataSsl.Peers.Step;
using DataSsl.Torch;

// What our own does first too: an unmended oneDNN is wrong behind some hypervisors, and slow.
OneDnnCaches.Mend();

return args switch
{
    ["step", .. var words] => StepPeer.Run(words),
    ["search", .. var words] => SearchPeer.Run(words),
    ["infer", .. var words] => DataSsl.Peers.Infer.InferPeer.Run(words),
    ["data", .. var words] => DataPeer.Run(words),
    _ => throw new ArgumentException("datassl bench starts the peers: step, search, infer, data"),
};
