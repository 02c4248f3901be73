using System;
using System.Net;

namespace Shop
{
    public class Global : System.Web.HttpApplication
    {
        protected void Application_Start(object sender, EventArgs e)
        {
            // The bank asked for it in 2015.
            ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls | SecurityProtocolType.Tls11;
            ServicePointManager.Expect100Continue = false;
        }
    }
}
